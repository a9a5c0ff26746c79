import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Failed, Loading } from '../parts/page.tsx';
import { segmentsQuery } from '../queries.ts';
import { DETAIL } from '../texts/segments.ts';
import type { Rules } from './rules.ts';
import { useVocabulary } from './vocabulary.ts';
import { inWords, type Sentence } from './words.ts';
import './segments.css';

/** Rules as they read aloud. */
export function RulesInWords({ rules }: { rules: Rules }) {
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
