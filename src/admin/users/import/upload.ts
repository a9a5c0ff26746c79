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

// Outside of every component, so that it goes on while other pages are looked at.
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

export const useUpload = (): Upload =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => upload,
  );

export interface ToUpload {
  name: string;
  /** Made of slices of the file, which the browser reads as it sends them. */
  body: Blob;
  type: 'text/csv' | 'application/x-ndjson';
  delimiter: Delimiter;
}

/** Sends a file; there is one upload at a time. */
export async function startUpload({ name, body, type, delimiter }: ToUpload): Promise<void> {
  abort = new AbortController();
  become({ state: 'running', name, bytes: body.size, startedAt: Date.now() });
  try {
    become({ state: 'done', name, result: await send({ name, body, type, delimiter }, abort.signal) });
  } catch (error) {
    const message = abort.signal.aborted ? IMPORT.stopped : (error as Error).message;
    become({ state: 'failed', name, message });
  }
}

export const stopUpload = (): void => abort?.abort();
export const forgetUpload = (): void => become({ state: 'none' });

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
