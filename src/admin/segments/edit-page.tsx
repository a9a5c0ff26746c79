import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useParams } from 'wouter';
import { Loading, PageHeader } from '../parts/page.tsx';
import { EDITOR } from '../texts/segments.ts';
import { type Segment, segmentQuery } from './data.ts';
import { SegmentEditor } from './editor.tsx';
import { NotLoaded } from './not-loaded.tsx';
import { isEditedAs } from './use-draft.ts';

export default function Page() {
  const { slug = '' } = useParams();
  // What was fetched for another page may be out of date by now: a draft begins with what is stored.
  const segment = useQuery({ ...segmentQuery(slug), staleTime: 0, refetchOnMount: 'always' });
  // As it was when the draft began: what is being typed is not to be overtaken.
  const [opened, setOpened] = useState<Segment | null>(null);
  if (opened === null && segment.isSuccess && segment.isFetchedAfterMount) setOpened(segment.data);
  if (opened === null) {
    return segment.isError ? (
      <NotLoaded error={segment.error} retry={() => segment.refetch()} />
    ) : (
      <Loading rows={6} />
    );
  }
  const newest = segment.data ?? opened;
  return (
    <>
      <PageHeader title={EDITOR.editTitle(opened.name)} />
      <SegmentEditor
        key={`${opened.id} ${opened.updatedAt}`}
        segment={opened}
        onLoadNewer={isEditedAs(newest, opened) ? null : () => setOpened(newest)}
      />
    </>
  );
}
