import { Anchor } from '@mantine/core';
import { Link } from 'wouter';
import { ApiError } from '../api.ts';
import { Empty, Failed, PageHeader } from '../parts/page.tsx';
import { DETAIL } from '../texts/segments.ts';

/** In place of a segment that is not there, or could not be loaded. */
export function NotLoaded({ error, retry }: { error: unknown; retry(): void }) {
  if (!(error instanceof ApiError && error.status === 404)) {
    return (
      <>
        <PageHeader title={DETAIL.what} />
        <Failed what={DETAIL.what} error={error} retry={retry} />
      </>
    );
  }
  return (
    <>
      <PageHeader title={DETAIL.notFound} />
      <Empty
        title={DETAIL.notFoundText}
        text=""
        action={
          <Anchor component={Link} href="/segments">
            {DETAIL.toSegments}
          </Anchor>
        }
      />
    </>
  );
}
