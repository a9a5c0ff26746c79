import { useMutation, useQueryClient } from '@tanstack/react-query';
import { notice } from '../../parts/notice.ts';
import { USER } from '../../texts/users.ts';
import { type Change, changeUser } from './data.ts';

/** Saves a change of a user, and says what follows from it. */
export function useChange(id: string, onDone: () => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (change: Change) => changeUser(queries, id, change),
    onSuccess: ({ joined, left }) => {
      notice(USER.savedFlips(joined, left));
      onDone();
    },
  });
}
