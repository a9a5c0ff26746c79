import { PageHeader } from '../parts/page.tsx';
import { EDITOR } from '../texts/segments.ts';
import { SegmentEditor } from './editor.tsx';

export default function Page() {
  return (
    <>
      <PageHeader title={EDITOR.newTitle} />
      <SegmentEditor segment={null} />
    </>
  );
}
