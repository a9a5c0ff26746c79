import { Anchor, Text } from '@mantine/core';
import { Fragment } from 'react';
import { Link } from 'wouter';
import { Status } from '../../parts/data.tsx';
import { segmentPath } from '../../segments/data.ts';
import type { Condition } from '../../segments/rules.ts';
import type { Vocabulary } from '../../segments/vocabulary.ts';
import { inWords, valueText } from '../../segments/words.ts';
import { ATTRIBUTES, MEMBERSHIP } from '../../texts/users.ts';
import { type Json, oneLine } from '../value.ts';

/** What the rules of a segment see of a user, as the API explains it. */
export type Explanation =
  | { match: 'all' | 'any'; holds: boolean; conditions: Explanation[] }
  | { condition: Condition; holds: boolean; seen: Json };

interface Words {
  vocabulary: Vocabulary;
  segmentName(slug: string): string;
}

/** Why a user is in a segment or not, condition by condition. */
export function Explained({ explanation, words }: { explanation: Explanation; words: Words }) {
  if ('condition' in explanation) return <ConditionLine explanation={explanation} words={words} />;
  const { match, conditions } = explanation;
  return (
    <div className="explained">
      {conditions.length > 1 && (
        <Text size="sm" c="dimmed">
          {MEMBERSHIP[match]}
        </Text>
      )}
      <ul>
        {conditions.map((child, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: conditions have no other name
          <li key={i}>
            <Explained explanation={child} words={words} />
          </li>
        ))}
      </ul>
    </div>
  );
}

function ConditionLine({
  explanation: { condition, holds, seen },
  words: { vocabulary, segmentName },
}: {
  explanation: Extract<Explanation, { condition: Condition }>;
  words: Words;
}) {
  const sentence = inWords(condition, vocabulary, segmentName);
  const { subject, verb, object } = 'subject' in sentence ? sentence : { subject: '', verb: '', object: '' };
  const isSegment = condition.field === 'segment';
  return (
    <div className="explained-line">
      <span>
        <bdi>{subject}</bdi> {verb}{' '}
        {isSegment ? (
          <SegmentLinks slugs={slugsOf(condition.value)} nameOf={segmentName} />
        ) : (
          <bdi className="strong">{object}</bdi>
        )}
      </span>
      <span className="explained-seen">
        <Status tone={holds ? 'ok' : 'off'}>{holds ? MEMBERSHIP.holds : MEMBERSHIP.fails}</Status>
        <Text span size="sm" c="dimmed">
          <bdi>{isSegment ? membershipText(condition.value, seen, segmentName) : seenText(seen)}</bdi>
        </Text>
      </span>
    </div>
  );
}

const slugsOf = (value: unknown): string[] => (Array.isArray(value) ? value : [value]).map(String);

function SegmentLinks({ slugs, nameOf }: { slugs: string[]; nameOf(slug: string): string }) {
  return slugs.map((slug, i) => (
    <Fragment key={slug}>
      {i > 0 && ', '}
      <Anchor component={Link} href={segmentPath({ slug, id: slug })} inherit className="strong">
        <bdi>{nameOf(slug)}</bdi>
      </Anchor>
    </Fragment>
  ));
}

/** Whether the user is in the segment a condition names, or in which of several. */
function membershipText(named: unknown, seen: Json, nameOf: (slug: string) => string): string {
  const own = Array.isArray(seen) ? seen.map((slug) => nameOf(String(slug))) : [];
  if (!Array.isArray(named)) return own.length > 0 ? MEMBERSHIP.here : MEMBERSHIP.notHere;
  return own.length > 0 ? MEMBERSHIP.hereOf(shortened(own.join(', '))) : MEMBERSHIP.hereOfNone;
}

function seenText(seen: Json): string {
  const value = seen === null ? '' : typeof seen === 'object' ? oneLine(seen, ATTRIBUTES) : valueText(seen);
  return value === '' ? MEMBERSHIP.missing : MEMBERSHIP.seen(shortened(value));
}

const shortened = (text: string) => (text.length <= 160 ? text : `${text.slice(0, 160)}…`);
