import { Text } from '@mantine/core';
import { Folded } from '../parts/folded.tsx';
import type { Rules } from '../segments/rules.ts';
import { RulesInWords } from '../segments/rules-in-words.tsx';
import { AUDIT } from '../texts/audit.ts';
import type { AuditEntry } from './audit-table.tsx';

type Change = AuditEntry['changes'][number];

/** Whether it is one of rules, which nobody reads as JSON. */
export const isOfRules = ({ field, before, after }: Change): boolean =>
  field === 'rules' && [before, after].some(isRules);

const isRules = (value: unknown): value is Rules =>
  typeof value === 'object' && value !== null && 'conditions' in value;

/** Rules before and after, in words. */
export function RulesChange({ change }: { change: Change }) {
  const sides = (['before', 'after'] as const).filter((side) => Object.hasOwn(change, side));
  return (
    <Folded label={AUDIT.rules}>
      {sides.map((side) => {
        const rules = change[side];
        return (
          <div key={side}>
            <Text size="sm" c="dimmed">
              {AUDIT.sides[side]}
            </Text>
            {isRules(rules) ? <RulesInWords rules={rules} /> : <Text>{AUDIT.nothing}</Text>}
          </div>
        );
      })}
    </Folded>
  );
}
