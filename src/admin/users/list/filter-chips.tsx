import { Anchor, CloseButton, Group } from '@mantine/core';
import { useAddressParam, useAddressParams } from '../../address.ts';
import type { Condition, Rules } from '../../segments/rules.ts';
import { useVocabulary } from '../../segments/vocabulary.ts';
import { inWords } from '../../segments/words.ts';
import { USERS } from '../../texts/users.ts';
import { separateConditions, writeRules } from './asked.ts';

/** The conditions the list is held to, in words, each of which can be taken away. */
export function FilterChips({ rules }: { rules: Rules | null }) {
  const [, setRules] = useAddressParam('rules');
  const { vocabulary } = useVocabulary();
  if (rules !== null && rules.conditions.length === 0) return null;
  const conditions = rules === null ? null : separateConditions(rules);
  const words = (condition: Condition) => {
    if (vocabulary === null) return condition.field;
    const sentence = inWords(condition, vocabulary, (slug) => slug);
    return 'subject' in sentence ? [sentence.subject, sentence.verb, sentence.object].join(' ').trim() : '';
  };
  return (
    <Group gap="xs" role="group" aria-label={USERS.filters}>
      {rules !== null && conditions !== null ? (
        conditions.map((condition, i) => (
          <Chip
            // biome-ignore lint/suspicious/noArrayIndexKey: the same condition may be there twice
            key={i}
            words={words(condition)}
            remove={() =>
              setRules(writeRules({ ...rules, conditions: conditions.filter((_, j) => j !== i) }))
            }
          />
        ))
      ) : (
        <Chip words={USERS.customFilter} remove={() => setRules('')} />
      )}
      <ClearFilters />
    </Group>
  );
}

function Chip({ words, remove }: { words: string; remove(): void }) {
  return (
    <span className="filter-chip">
      <bdi>{words}</bdi>
      <CloseButton size="sm" onClick={remove} aria-label={USERS.removeFilter(words)} />
    </span>
  );
}

export function ClearFilters() {
  const [, change] = useAddressParams();
  const clear = () =>
    change((next) => {
      for (const name of ['search', 'segment', 'rules']) next.delete(name);
    });
  return (
    <Anchor component="button" type="button" onClick={clear}>
      {USERS.clear}
    </Anchor>
  );
}
