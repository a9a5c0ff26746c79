import { useQuery } from '@tanstack/react-query';
import { useId, useMemo, useRef } from 'react';
import { QueryBuilder, type RuleGroupType, type RuleType } from 'react-querybuilder';
import { segmentsQuery } from '../../queries.ts';
import { countConditions, type GroupNode, type Problem } from '../rules.ts';
import type { Vocabulary } from '../vocabulary.ts';
import { Condition } from './condition.tsx';
import { BuildingProvider, place } from './context.ts';
import { RuleGroup } from './group.tsx';
import './builder.css';

export interface BuilderProps {
  query: GroupNode;
  onChange(query: GroupNode): void;
  vocabulary: Vocabulary;
  problems: readonly Problem[];
  /** The segment being edited, which its own rules can't refer to. */
  ownSlug: string | null;
}

const COMBINATORS = [
  { name: 'all', label: 'all' },
  { name: 'any', label: 'any' },
];
const CONTROLS = { ruleGroup: RuleGroup, rule: Condition };
export const blankRule = (rule: RuleType): RuleType => ({
  ...rule,
  field: '',
  operator: '',
  value: undefined,
});

/** Groups and conditions being put together; every control is our own, the library keeps the tree. */
export default function RuleBuilder({ query, onChange, vocabulary, problems, ownSlug }: BuilderProps) {
  const segments = useQuery(segmentsQuery).data;
  const newest = useRef<string | null>(null);
  const id = useId();
  const building = useMemo(() => {
    const byPlace = new Map<string, Problem[]>();
    for (const problem of problems) {
      const at = place(problem.path);
      byPlace.set(at, [...(byPlace.get(at) ?? []), problem]);
    }
    return {
      vocabulary,
      segments: (segments ?? []).filter(({ slug }) => slug !== ownSlug),
      problems: byPlace,
      conditions: countConditions(query),
      newest,
      addButtonId: (path: number[]) => `${id}-${path.join('-')}`,
    };
  }, [vocabulary, segments, ownSlug, problems, query, id]);
  const fields = useMemo(
    () => vocabulary.fields.map(({ name, title }) => ({ name, value: name, label: title })),
    [vocabulary],
  );
  return (
    <BuildingProvider value={building}>
      <QueryBuilder
        query={query as RuleGroupType}
        onQueryChange={(next) => onChange(next as GroupNode)}
        enableMountQueryChange={false}
        fields={fields}
        combinators={COMBINATORS}
        controlElements={CONTROLS}
        getDefaultOperator={(field) => defaultOperator(vocabulary, field)}
        getDefaultValue={() => undefined}
        onAddRule={blankRule}
        addRuleToNewGroups
        onAddGroup={(group) =>
          ({ ...group, rules: (group.rules as RuleType[]).map(blankRule) }) as RuleGroupType
        }
      />
    </BuildingProvider>
  );
}

/** What is asked most often of a type; any of them can be chosen after. */
const USUAL: Record<string, string> = { date: 'within_last', boolean: 'is_true', list: 'includes' };

function defaultOperator(vocabulary: Vocabulary, field: string): string {
  const offered = vocabulary.operatorsFor(field);
  const usual = USUAL[vocabulary.field(field).types[0] ?? ''];
  return (offered.find(({ name }) => name === usual) ?? offered[0])?.name ?? '';
}
