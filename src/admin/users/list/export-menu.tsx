import { Anchor, Button, Popover, Stack, Tooltip } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { segmentsQuery } from '../../queries.ts';
import { useCan } from '../../session.tsx';
import { USERS } from '../../texts/users.ts';
import { useAsked } from './asked.ts';

const FORMATS = ['csv', 'ndjson'] as const;

/** Files of everyone, or of the segment the list is held to; the browser streams them to disk. */
export function ExportMenu() {
  const allowed = useCan('export');
  const { segment: slug } = useAsked();
  const segment = useQuery(segmentsQuery).data?.find((one) => one.slug === slug);
  if (!allowed) {
    return (
      <Tooltip
        label={USERS.noExport}
        events={{ hover: true, focus: true, touch: true }}
        withinPortal={false}
        multiline
        maw={260}
      >
        <Button variant="default" data-disabled aria-disabled onClick={(event) => event.preventDefault()}>
          {USERS.export}
        </Button>
      </Tooltip>
    );
  }
  const ofSegment =
    segment === undefined
      ? []
      : FORMATS.map((format) => ({
          href: `/api/v1/segments/${segment.id}/export?format=${format}`,
          words: USERS.exportMembers(segment.name, USERS[format]),
        }));
  const ofAll = FORMATS.map((format) => ({
    href: `/api/v1/users/export?format=${format}`,
    words: USERS.exportAll(USERS[format]),
  }));
  return (
    <Popover position="bottom-end" trapFocus returnFocus>
      <Popover.Target>
        <Button variant="default">{USERS.export}</Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={USERS.export}>
        <Stack gap="xs">
          {[...ofSegment, ...ofAll].map(({ href, words }) => (
            <Anchor key={href} href={href} download>
              <bdi>{words}</bdi>
            </Anchor>
          ))}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
