import type { ReactNode } from 'react';
import { Failed, Loading, Section } from '../parts/page.tsx';
import { OVERVIEW } from '../texts/overview.ts';

interface Query<T> {
  data: T | undefined;
  error: unknown;
  isPending: boolean;
  refetch(): unknown;
}

/** A part of the page with what it asks for: grey lines until it is there, and the way on where it can't be had. */
export function Queried<T>({
  query,
  rows,
  framed,
  children,
}: {
  query: Query<T>;
  rows: number;
  /** Heading of the frame around the grey lines, where the content brings its own. */
  framed?: string;
  children(data: T): ReactNode;
}) {
  if (query.isPending) {
    const lines = <Loading rows={rows} />;
    return framed === undefined ? lines : <Section title={framed}>{lines}</Section>;
  }
  if (query.data === undefined) {
    return <Failed what={OVERVIEW.what} error={query.error} retry={() => query.refetch()} />;
  }
  return children(query.data);
}
