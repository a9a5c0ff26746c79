import { ActionIcon, Button, Group, Menu } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'wouter';
import { MoreIcon } from '../parts/icons.tsx';
import { useCan } from '../session.tsx';
import { DETAIL } from '../texts/segments.ts';
import { type Segment, segmentPath } from './data.ts';
import { DeleteSegment } from './delete-segment.tsx';

export function SegmentActions({ segment }: { segment: Segment }) {
  const [deleting, setDeleting] = useState(false);
  const mayWrite = useCan('write');
  const mayExport = useCan('export');
  const file = (format: string) => `/api/v1/segments/${segment.id}/export?format=${format}`;
  if (!mayWrite && !mayExport) return null;
  return (
    <Group gap="xs">
      {mayWrite && (
        <Button component={Link} href={`${segmentPath(segment)}/edit`}>
          {DETAIL.edit}
        </Button>
      )}
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="default" size={36} aria-label={DETAIL.more}>
            <MoreIcon />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {mayExport && (
            <>
              <Menu.Item component="a" href={file('csv')} download>
                {DETAIL.exportCsv}
              </Menu.Item>
              <Menu.Item component="a" href={file('ndjson')} download>
                {DETAIL.exportNdjson}
              </Menu.Item>
            </>
          )}
          {mayWrite && (
            <>
              <Menu.Divider />
              <Menu.Item className="danger-item" onClick={() => setDeleting(true)}>
                {DETAIL.remove}
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      <DeleteSegment segment={segment} opened={deleting} onClose={() => setDeleting(false)} />
    </Group>
  );
}
