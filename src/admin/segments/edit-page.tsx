import { useQuery } from '@tanstack/react-query';
import { useParams } from 'wouter';
import { Failed, Loading, PageHeader } from '../parts/page.tsx';
import { DETAIL, EDITOR } from '../texts/segments.ts';
import { segmentQuery } from './data.ts';
import { SegmentEditor } from './editor.tsx';

export default function Page() {
  const { slug = '' } = useParams();
  // As it was when the page was opened: what is being typed is not to be overtaken.
  const segment = useQuery({ ...segmentQuery(slug), refetchInterval: false, refetchOnWindowFocus: false });
  if (segment.data !== undefined) {
    return (
      <>
        <PageHeader title={EDITOR.editTitle(segment.data.name)} />
        <SegmentEditor key={segment.data.id} segment={segment.data} />
      </>
    );
  }
  return segment.isError ? (
    <Failed what={DETAIL.what} error={segment.error} retry={() => segment.refetch()} />
  ) : (
    <Loading rows={6} />
  );
}
