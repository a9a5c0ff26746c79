import { Autocomplete, Button, Group, Loader, Popover, Select, Stack } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState } from 'react';
import { useAddressParam } from '../../address.ts';
import { Problem } from '../../parts/page.tsx';
import type { Condition, Rules } from '../../segments/rules.ts';
import { readScalar } from '../../segments/scalar.ts';
import { useVocabulary, type Vocabulary } from '../../segments/vocabulary.ts';
import { COMMON } from '../../texts/common.ts';
import { USERS } from '../../texts/users.ts';
import { withCondition, writeRules } from './asked.ts';

/** Operators whose value is one field of a form; rules of segments can do more. */
const SIMPLE = ['none', 'scalar', 'comparable', 'text', 'date'];

/** Adds a condition about an attribute to what the list is asked for. */
export function AttributeFilter({ rules }: { rules: Rules }) {
  const [opened, { toggle, close }] = useDisclosure();
  const [, setRules] = useAddressParam('rules');
  return (
    <Popover opened={opened} onClose={close} position="bottom-start" width={360} trapFocus returnFocus>
      <Popover.Target>
        <Button variant="default" onClick={toggle}>
          {USERS.addFilter}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={USERS.addFilter}>
        <Content
          onAdd={(condition) => {
            setRules(writeRules(withCondition(rules, condition)));
            close();
          }}
        />
      </Popover.Dropdown>
    </Popover>
  );
}

function Content({ onAdd }: { onAdd(condition: Condition): void }) {
  const { vocabulary, error } = useVocabulary();
  if (error !== null) return <Problem error={error} />;
  if (vocabulary === null) return <Loader size="sm" aria-label={COMMON.loading} />;
  return <FilterForm vocabulary={vocabulary} onAdd={onAdd} />;
}

function FilterForm({ vocabulary, onAdd }: { vocabulary: Vocabulary; onAdd(condition: Condition): void }) {
  const [name, setName] = useState('');
  const [chosen, setOperator] = useState('');
  const [text, setText] = useState('');
  const field = vocabulary.field(name);
  const operators =
    name === ''
      ? []
      : vocabulary.operatorsFor(name).filter((one) => SIMPLE.includes(vocabulary.operandOf(one.name) ?? ''));
  const operator = operators.find((one) => one.name === chosen) ?? operators[0];
  const operand = operator === undefined ? null : vocabulary.operandOf(operator.name);
  const takesValue = operand !== null && operand !== 'none';
  const ready = operator !== undefined && (!takesValue || text.trim() !== '');
  const add = () => {
    if (operator === undefined || !ready) return;
    const value =
      operand === 'text' || operand === 'date' ? text.trim() : readScalar(text.trim(), field, undefined);
    onAdd({ field: name, operator: operator.name, ...(takesValue && { value }) });
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        add();
      }}
    >
      <Stack gap="sm">
        <Select
          label={USERS.attribute}
          data={vocabulary.fields
            .filter(({ isSegment, name: one }) => !isSegment && one !== 'email' && one !== 'name')
            .map(({ name: value, title: label }) => ({ value, label }))}
          value={name === '' ? null : name}
          onChange={(value) => setName(value ?? '')}
          searchable
          nothingFoundMessage={USERS.noAttributes}
          limit={200}
          comboboxProps={{ withinPortal: false }}
          data-autofocus
        />
        <Select
          label={USERS.operator}
          data={operators.map(({ name: value, title: label }) => ({ value, label }))}
          value={operator?.name ?? null}
          onChange={(value) => setOperator(value ?? '')}
          allowDeselect={false}
          disabled={name === ''}
          comboboxProps={{ withinPortal: false }}
        />
        {takesValue && (
          <Autocomplete
            label={USERS.value}
            data={[...new Set(field.values.map(({ value }) => String(value)))]}
            value={text}
            onChange={setText}
            placeholder={operand === 'date' ? '2026-01-31' : ''}
            maxLength={1024}
            comboboxProps={{ withinPortal: false }}
          />
        )}
        <Group justify="flex-end">
          <Button type="submit" disabled={!ready}>
            {USERS.apply}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
