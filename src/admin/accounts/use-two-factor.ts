import { useQueryClient } from '@tanstack/react-query';
import { authCall } from '../api.ts';
import { notice } from '../parts/notice.ts';
import { meQuery } from '../session.tsx';
import { ACCOUNT } from '../texts/accounts.ts';

const texts = ACCOUNT.twoFactor;

export interface Begun {
  totpURI: string;
  backupCodes: string[];
}

/** What can be done about the second step; each asks for the password, or for a code. */
export function useTwoFactor() {
  const queries = useQueryClient();
  const changed = (message: string) => {
    notice(message);
    return queries.invalidateQueries(meQuery);
  };
  return {
    begin: (password: string) => authCall<Begun>('/two-factor/enable', { password }),
    confirm: async (code: string) => {
      await authCall('/two-factor/verify-totp', { code: code.replaceAll(/\s/g, '') });
      await changed(texts.onDone);
    },
    turnOff: async (password: string) => {
      await authCall('/two-factor/disable', { password });
      await changed(texts.offDone);
    },
    newCodes: async (password: string) => {
      const { backupCodes } = await authCall<Begun>('/two-factor/generate-backup-codes', { password });
      return backupCodes;
    },
  };
}
