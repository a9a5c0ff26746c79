import { Anchor, Code, Table, Text } from '@mantine/core';
import { Link } from 'wouter';
import { Count, Status } from '../parts/data.tsx';
import { SEGMENTS } from '../texts/segments.ts';
import { type Segment, segmentPath } from './data.ts';
import { UnderWay } from './under-way.tsx';

export function SegmentRow({ segment }: { segment: Segment }) {
  const { name, description, type, memberCount, traitKey, sync, evaluating, resyncing, retracting } = segment;
  const isBusy = evaluating !== null || resyncing !== null || retracting !== null;
  return (
    <Table.Tr>
      <Table.Td maw={320}>
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
      </Table.Td>
      <Table.Td ta="right">
        <Count value={memberCount} />
      </Table.Td>
      <Table.Td>{SEGMENTS[type]}</Table.Td>
      <Table.Td>
        <Code>{traitKey}</Code>
      </Table.Td>
      <Table.Td>
        {isBusy ? (
          <UnderWay segment={segment} />
        ) : (
          <Status tone={sync ? 'ok' : 'off'}>{sync ? SEGMENTS.on : SEGMENTS.off}</Status>
        )}
      </Table.Td>
    </Table.Tr>
  );
}
