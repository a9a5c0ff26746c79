import { Text } from '@mantine/core';
import { Status } from '../../parts/data.tsx';
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
  const isSegment = condition.field === 'segment' && Array.isArray(seen);
  const value = isSegment
    ? seen.map((slug) => segmentName(String(slug))).join(', ')
    : seen === null
      ? ''
      : typeof seen === 'object'
        ? oneLine(seen, ATTRIBUTES)
        : valueText(seen);
  return (
    <div className="explained-line">
      <span>
        <bdi>{subject}</bdi> {verb} <bdi className="strong">{object}</bdi>
      </span>
      <span className="explained-seen">
        <Status tone={holds ? 'ok' : 'off'}>{holds ? MEMBERSHIP.holds : MEMBERSHIP.fails}</Status>
        <Text span size="sm" c="dimmed">
          <bdi>{value === '' ? MEMBERSHIP.missing : MEMBERSHIP.seen(shortened(value))}</bdi>
        </Text>
      </span>
    </div>
  );
}

const shortened = (text: string) => (text.length <= 160 ? text : `${text.slice(0, 160)}…`);
