import { ApiError } from '../api.ts';
import { Failed, NotThere, PageHeader } from '../parts/page.tsx';
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
    <NotThere title={DETAIL.notFound} text={DETAIL.notFoundText} link={DETAIL.toSegments} href="/segments" />
  );
}
