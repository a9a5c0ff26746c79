import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, result } from '../api.ts';
import { type Entry, type Failure, inChunks, withLines } from './pasted-list.ts';

export interface Adding {
  done: number;
  total: number;
  added: number;
  failed: Failure[];
}

/** Adds a list in parts, each taken as a whole or not at all; after a failure it goes on with the rest. */
export function useAddList(segmentId: string) {
  const [adding, setAdding] = useState<Adding | null>(null);
  const queries = useQueryClient();
  const add = useMutation({
    mutationFn: async (entries: Entry[]) => {
      const chunks = inChunks(entries);
      const ordered = chunks.flatMap((chunk) => chunk.entries);
      const sofar: Adding = adding ?? { done: 0, total: entries.length, added: 0, failed: [] };
      setAdding(sofar);
      let { done, added, failed } = sofar;
      for (const chunk of inChunks(ordered.slice(done))) {
        const users = chunk.entries.map(({ text }) => text);
        const { data } = await result(
          api.segments({ id: segmentId }).members.post({ [chunk.kind]: users } as { emails: string[] }),
        );
        done += users.length;
        added += data.added;
        failed = [...failed, ...withLines(chunk, data.failed)];
        setAdding({ done, total: entries.length, added, failed });
      }
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ['segments'] }),
  });
  const isDone = adding !== null && adding.done === adding.total;
  return {
    adding,
    isDone,
    error: add.error,
    isPending: add.isPending,
    start: add.mutate,
    reset: () => {
      setAdding(null);
      add.reset();
    },
  };
}
