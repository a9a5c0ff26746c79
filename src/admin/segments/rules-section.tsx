import { Anchor, Text } from '@mantine/core';
import { Link } from 'wouter';
import { Section } from '../parts/page.tsx';
import { DETAIL } from '../texts/segments.ts';
import { type Segment, segmentPath } from './data.ts';
import type { Rules } from './rules.ts';
import { RulesInWords } from './rules-in-words.tsx';

/** The rules in words; for a segment by hand that there are none. */
export function RulesSection({ segment }: { segment: Segment }) {
  return (
    <Section
      title={segment.type === 'manual' ? DETAIL.whoIsIn : DETAIL.rules}
      aside={
        segment.type === 'dynamic' && (
          <Anchor component={Link} href={`${segmentPath(segment)}/edit`} fz="sm">
            {DETAIL.edit}
          </Anchor>
        )
      }
    >
      {segment.rules == null ? <Text>{DETAIL.byHand}</Text> : <RulesInWords rules={segment.rules as Rules} />}
    </Section>
  );
}
