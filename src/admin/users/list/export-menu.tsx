import { Button, Menu, Tooltip } from '@mantine/core';
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
      <Tooltip label={USERS.noExport}>
        <Button variant="default" data-disabled aria-disabled onClick={(event) => event.preventDefault()}>
          {USERS.export}
        </Button>
      </Tooltip>
    );
  }
  return (
    <Menu position="bottom-end" transitionProps={{ duration: 0 }}>
      <Menu.Target>
        <Button variant="default">{USERS.export}</Button>
      </Menu.Target>
      <Menu.Dropdown>
        {segment !== undefined &&
          FORMATS.map((format) => (
            <Menu.Item
              key={`segment-${format}`}
              component="a"
              href={`/api/v1/segments/${segment.id}/export?format=${format}`}
              download
            >
              <bdi>{USERS.exportMembers(segment.name, USERS[format])}</bdi>
            </Menu.Item>
          ))}
        {FORMATS.map((format) => (
          <Menu.Item key={format} component="a" href={`/api/v1/users/export?format=${format}`} download>
            {USERS.exportAll(USERS[format])}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
