import { Anchor, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { Failed, Loading, Section } from '../parts/page.tsx';
import { segmentsQuery } from '../queries.ts';
import { DETAIL } from '../texts/segments.ts';
import { type Segment, segmentPath } from './data.ts';
import type { Rules } from './rules.ts';
import { useVocabulary } from './vocabulary.ts';
import { inWords, type Sentence } from './words.ts';

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

function RulesInWords({ rules }: { rules: Rules }) {
  const { vocabulary, error, retry } = useVocabulary();
  const segments = useQuery(segmentsQuery).data;
  if (vocabulary === null) {
    return error === null ? <Loading rows={3} /> : <Failed what={DETAIL.rules} error={error} retry={retry} />;
  }
  const name = (slug: string) => segments?.find((segment) => segment.slug === slug)?.name ?? slug;
  const said = inWords(rules, vocabulary, name);
  if (!('match' in said)) return null;
  return (
    <>
      <Text>{DETAIL.everyoneWho(said.match)}</Text>
      <Sentences of={said.sentences} />
    </>
  );
}

function Sentences({ of }: { of: Sentence[] }) {
  return (
    <ul className="rule-words">
      {of.map((sentence, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: sentences have no name and never move
        <li key={i}>
          {'match' in sentence ? (
            <>
              {DETAIL.groupOf(sentence.match)}
              <Sentences of={sentence.sentences} />
            </>
          ) : (
            <>
              <Text span fw={600}>
                {sentence.subject}
              </Text>{' '}
              {sentence.verb}{' '}
              <Text span fw={600}>
                {sentence.object}
              </Text>
            </>
          )}
        </li>
      ))}
    </ul>
  );
}
