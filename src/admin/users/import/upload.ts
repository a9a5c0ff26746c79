import { useSyncExternalStore } from 'react';
import { ApiError } from '../../api.ts';
import { IMPORT } from '../../texts/import.ts';
import type { Delimiter } from './read-start.ts';

export interface ImportResult {
  id: string;
  created: number;
  updated: number;
  unchanged: number;
  rejected: number;
  errors: { line: number; reason: string }[];
}
export type Upload =
  | { state: 'none' }
  | { state: 'running'; name: string; bytes: number; startedAt: number }
  | { state: 'done'; name: string; result: ImportResult }
  | { state: 'failed'; name: string; message: string };

export interface ToUpload {
  name: string;
  /** Made of slices of the file, which the browser reads as it sends them. */
  body: Blob;
  type: 'text/csv' | 'application/x-ndjson';
  delimiter: Delimiter;
}

/** The one upload of this tab; outside of every component, so that it goes on while other pages are looked at. */
function createUploads() {
  let upload: Upload = { state: 'none' };
  let abort: AbortController | null = null;
  const listeners = new Set<() => void>();

  function become(next: Upload) {
    upload = next;
    if (next.state === 'running') addEventListener('beforeunload', askToStay);
    else removeEventListener('beforeunload', askToStay);
    for (const listener of listeners) listener();
  }
  const askToStay = (event: BeforeUnloadEvent) => event.preventDefault();

  return {
    current: () => upload,
    listen(listener: () => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async start(file: ToUpload): Promise<void> {
      const { name, body } = file;
      abort = new AbortController();
      const { signal } = abort;
      become({ state: 'running', name, bytes: body.size, startedAt: Date.now() });
      try {
        become({ state: 'done', name, result: await send(file, signal) });
      } catch (error) {
        become({
          state: 'failed',
          name,
          message: signal.aborted ? IMPORT.stopped : (error as Error).message,
        });
      }
    },
    stop: () => abort?.abort(),
    forget: () => become({ state: 'none' }),
  };
}

const uploads = createUploads();
export const startUpload = uploads.start;
export const stopUpload = uploads.stop;
export const forgetUpload = uploads.forget;
export const useUpload = (): Upload => useSyncExternalStore(uploads.listen, uploads.current);

async function send({ name, body, type, delimiter }: ToUpload, signal: AbortSignal): Promise<ImportResult> {
  const query = new URLSearchParams({ name: name.slice(0, 255), delimiter });
  const response = await fetch(`/api/v1/users/import?${query}`, {
    method: 'POST',
    headers: { 'content-type': type },
    body,
    signal,
  }).catch(() => {
    throw new ApiError(0, 'unreachable', IMPORT.problems.brokenOff);
  });
  const answer = (await response.json().catch(() => null)) as {
    data?: ImportResult;
    error?: { code: string; message: string };
  } | null;
  if (answer?.data !== undefined) return answer.data;
  const { code = 'unreachable', message = IMPORT.problems.brokenOff } = answer?.error ?? {};
  throw new ApiError(response.status, code, message);
}
