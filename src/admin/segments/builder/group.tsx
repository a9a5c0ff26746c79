import { Button, Group, SegmentedControl, Text } from '@mantine/core';
import { type RuleGroupProps, useRuleGroup } from 'react-querybuilder';
import { formatCount } from '../../format.ts';
import { EDITOR } from '../../texts/segments.ts';
import { CloseButton } from './close-button.tsx';
import { Condition } from './condition.tsx';
import { place, useBuilding } from './context.ts';
import { PlusIcon } from './plus-icon.tsx';

/** "People who match all of:", the conditions and groups, and what can be added. */
export function RuleGroup(props: RuleGroupProps) {
  const { path, ruleGroup, schema, actions, translations, ...group } = useRuleGroup(props);
  const { vocabulary, problems, conditions, newest, addButtonId } = useBuilding();
  const { depth, conditions: most } = vocabulary.limits;
  const isRoot = path.length === 0;
  const at = place(path);
  const name = isRoot ? EDITOR.theRules : EDITOR.group(at);
  const full = conditions >= most;
  const add = (event: React.MouseEvent) => {
    newest.current = place([...path, ruleGroup.rules.length]);
    group.addRule(event);
  };
  const addGroup = (event: React.MouseEvent) => {
    newest.current = place([...path, ruleGroup.rules.length, 0]);
    group.addGroup(event);
  };
  const problem = problems.get(at)?.[0];
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset can not be laid out like this in every browser
    <div className="rule-group" role="group" aria-label={name}>
      <Group gap="xs" justify="space-between" wrap="nowrap">
        <Group gap="xs">
          <Text fw={isRoot ? 500 : undefined}>{isRoot ? EDITOR.peopleWho : EDITOR.groupWho}</Text>
          <SegmentedControl
            size="xs"
            transitionDuration={0}
            aria-label={EDITOR.match}
            value={'combinator' in ruleGroup ? (ruleGroup.combinator as string) : 'all'}
            onChange={(value) => group.onCombinatorChange(value)}
            data={[
              { value: 'all', label: EDITOR.all },
              { value: 'any', label: EDITOR.any },
            ]}
          />
          <Text>{EDITOR.of}</Text>
        </Group>
        {!isRoot && (
          <CloseButton
            label={EDITOR.removeGroup(at)}
            onClick={(event) => {
              document.getElementById(addButtonId(path.slice(0, -1)))?.focus();
              group.removeGroup(event);
            }}
          />
        )}
      </Group>
      {ruleGroup.rules.map((child, i) => {
        if (typeof child === 'string') return null;
        const shared = { path: [...path, i], schema, actions, translations };
        return 'rules' in child ? (
          <RuleGroup key={child.id} {...shared} ruleGroup={child} />
        ) : (
          <Condition key={child.id} {...shared} rule={child} />
        );
      })}
      {problem !== undefined && (
        <Text c="var(--mantine-color-error)" fz="sm" role="alert">
          {problem.message === '' ? EDITOR.problems.group : problem.message}
        </Text>
      )}
      <Group gap="xs">
        <Button
          id={addButtonId(path)}
          size="xs"
          variant="default"
          leftSection={<PlusIcon />}
          onClick={add}
          disabled={full}
          aria-label={EDITOR.addConditionTo(name)}
        >
          {EDITOR.addCondition}
        </Button>
        {path.length < depth - 1 && (
          <Button
            size="xs"
            variant="subtle"
            color="gray"
            leftSection={<PlusIcon />}
            onClick={addGroup}
            disabled={full}
            aria-label={EDITOR.addGroupTo(name)}
          >
            {EDITOR.addGroup}
          </Button>
        )}
        {full && (
          <Text fz="sm" c="dimmed">
            {EDITOR.tooMany(formatCount(most))}
          </Text>
        )}
        {path.length === depth - 1 && (
          <Text fz="sm" c="dimmed">
            {EDITOR.tooDeep(depth)}
          </Text>
        )}
      </Group>
    </div>
  );
}
