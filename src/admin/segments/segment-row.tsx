import { Anchor, Code, Group, Table, Text } from '@mantine/core';
import { Link } from 'wouter';
import { Count, Status } from '../parts/data.tsx';
import { SEGMENTS } from '../texts/segments.ts';
import { type Segment, segmentPath } from './data.ts';
import { UnderWay } from './under-way.tsx';

/** What is under way stands below the name; on a phone kind and trait do, too. */
export function SegmentRow({ segment }: { segment: Segment }) {
  const { name, description, type, memberCount, traitKey, sync } = segment;
  const trait = (
    <Code className="one-line trait-key" title={traitKey}>
      {traitKey}
    </Code>
  );
  return (
    <Table.Tr>
      <Table.Td>
        <Anchor
          inherit
          component={Link}
          href={segmentPath(segment)}
          fw={500}
          style={{ overflowWrap: 'anywhere' }}
        >
          {name}
        </Anchor>
        {description !== null && (
          <Text fz="sm" c="dimmed" lineClamp={1}>
            {description}
          </Text>
        )}
        <Text fz="sm" c="dimmed" component="div" className="until-sm">
          <Group gap={6} wrap="nowrap">
            <span className="no-wrap">{SEGMENTS[type]}</span>
            {trait}
          </Group>
        </Text>
        <UnderWay segment={segment} />
      </Table.Td>
      <Table.Td ta="right">
        <Count value={memberCount} />
      </Table.Td>
      <Table.Td className="from-sm no-wrap">{SEGMENTS[type]}</Table.Td>
      <Table.Td className="from-sm">{trait}</Table.Td>
      <Table.Td>
        <Status tone={sync ? 'ok' : 'off'}>{sync ? SEGMENTS.on : SEGMENTS.off}</Status>
      </Table.Td>
    </Table.Tr>
  );
}
