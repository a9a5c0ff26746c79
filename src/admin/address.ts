import { useCallback } from 'react';
import { useSearchParams } from 'wouter';

/**
 * One parameter of the address ("" where it is not there). What a page shows is in its address, so that Back works and a
 * link can be sent. `replace` is for typing, which should not fill the history.
 */
export function useAddressParam(
  name: string,
): [value: string, set: (value: string, how?: { replace?: boolean }) => void] {
  const [params, setParams] = useSearchParams();
  const set = useCallback(
    (value: string, { replace = false } = {}) =>
      setParams(
        (before) => {
          const next = new URLSearchParams(before);
          if (value === '') next.delete(name);
          else next.set(name, value);
          return next;
        },
        { replace },
      ),
    [name, setParams],
  );
  return [params.get(name) ?? '', set];
}
