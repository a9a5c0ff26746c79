import { useCallback, useMemo } from 'react';
import { useSearch } from 'wouter/use-browser-location';
import { navigate } from './leaving.ts';

/**
 * The parameters of the address, and how to change them. The router's own way decodes the whole query before it is taken
 * apart, so that a "%2C" somebody looks for would become a comma.
 */
export function useAddressParams(): [
  params: URLSearchParams,
  change: (change: (params: URLSearchParams) => void, how?: { replace?: boolean }) => void,
] {
  const search = useSearch();
  const params = useMemo(() => new URLSearchParams(search), [search]);
  const change = useCallback(
    (apply: (params: URLSearchParams) => void, { replace = false }: { replace?: boolean } = {}) => {
      const next = new URLSearchParams(location.search);
      apply(next);
      navigate(`?${next}`, { replace });
    },
    [],
  );
  return [params, change];
}

/**
 * One parameter of the address ("" where it is not there). What a page shows is in its address, so that Back works and a
 * link can be sent. `replace` is for typing, which should not fill the history.
 */
export function useAddressParam(
  name: string,
): [value: string, set: (value: string, how?: { replace?: boolean }) => void] {
  const [params, change] = useAddressParams();
  const set = useCallback(
    (value: string, how: { replace?: boolean } = {}) =>
      change((next) => {
        if (value === '') next.delete(name);
        else next.set(name, value);
      }, how),
    [name, change],
  );
  return [params.get(name) ?? '', set];
}

/** Several parameters that are one set of filters ("" where one is not there); nothing else of the address changes with them. */
export function useAddressFilters<Name extends string>(names: readonly Name[]) {
  const [params, changeParams] = useAddressParams();
  type Filters = Record<Name, string>;
  const filters = useMemo(
    () => Object.fromEntries(names.map((name) => [name, params.get(name) ?? ''])) as Filters,
    [names, params],
  );
  const change = useCallback(
    (some: Partial<Filters>, how: { replace?: boolean } = {}) =>
      changeParams((next) => {
        for (const [name, value] of Object.entries<string | undefined>(some)) {
          if (value === '' || value === undefined) next.delete(name);
          else next.set(name, value);
        }
      }, how),
    [changeParams],
  );
  const clear = useCallback(
    () => change(Object.fromEntries(names.map((name) => [name, ''])) as Filters),
    [change, names],
  );
  return { filters, change, clear, active: names.some((name) => filters[name] !== '') };
}
