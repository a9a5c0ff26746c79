import { Checkbox, Text } from '@mantine/core';
import { useEffect, useId, useRef } from 'react';
import type { RuleProps } from 'react-querybuilder';
import { EDITOR } from '../../texts/segments.ts';
import { CloseButton } from './close-button.tsx';
import { place, useBuilding } from './context.ts';
import { FieldSelect } from './field-select.tsx';
import { OperatorSelect } from './operator-select.tsx';
import { problemText } from './problem-text.ts';
import { ValueEditor } from './value-editor.tsx';

/** One line: attribute, comparison, value. What is wrong with it stands below it. */
export function Condition({ path, rule, actions }: RuleProps) {
  const { vocabulary, problems, newest, addButtonId } = useBuilding();
  const at = place(path);
  const button = useRef<HTMLButtonElement>(null);
  const noteId = useId();
  useEffect(() => {
    if (newest.current !== at) return;
    newest.current = null;
    button.current?.focus();
  }, [at, newest]);

  const field = vocabulary.field(rule.field);
  const operand = vocabulary.operandOf(rule.operator);
  const wrong = problems.get(at) ?? [];
  const isWrong = (part: string) => wrong.some((one) => one.part === part);
  const described = wrong.length > 0 ? noteId : undefined;
  const caseSensitive = rule.meta?.caseSensitive === true;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset can not be laid out as a grid in every browser
    <div className="condition" role="group" aria-label={EDITOR.condition(at)}>
      <FieldSelect
        ref={button}
        value={rule.field}
        onChange={(name) => actions.onPropChange('field', name, path)}
        wrong={isWrong('field')}
        describedBy={described}
      />
      {rule.field === '' ? (
        <div />
      ) : (
        <OperatorSelect
          field={rule.field}
          value={rule.operator}
          onChange={(name) => actions.onPropChange('operator', name, path)}
          wrong={isWrong('operator')}
          describedBy={described}
        />
      )}
      <div className="condition-value">
        {rule.field !== '' && rule.operator !== '' && (
          <ValueEditor
            key={`${rule.field} ${operand}`}
            field={field}
            operand={operand}
            value={rule.value}
            onChange={(value) => actions.onPropChange('value', value, path)}
            wrong={isWrong('value')}
            describedBy={described}
          />
        )}
        {rule.field !== '' && (caseSensitive || takesCase(field, operand)) && (
          <Checkbox
            mt={6}
            size="xs"
            label={EDITOR.caseSensitive}
            checked={caseSensitive}
            onChange={(event) =>
              actions.onPropChange(
                'meta',
                event.currentTarget.checked ? { caseSensitive: true } : undefined,
                path,
              )
            }
          />
        )}
      </div>
      <CloseButton
        label={EDITOR.removeCondition(at)}
        onClick={() => {
          document.getElementById(addButtonId(path.slice(0, -1)))?.focus();
          actions.onRuleRemove(path);
        }}
      />
      {wrong.length > 0 && (
        <Text id={noteId} className="condition-note" c="var(--mantine-color-error)" fz="sm" role="alert">
          {wrong.map((problem) => problemText(problem, operand)).join(' ')}
        </Text>
      )}
    </div>
  );
}

/** Capitals matter for text alone. */
const takesCase = ({ isSegment, types }: { isSegment: boolean; types: string[] }, operand: string | null) =>
  !isSegment &&
  (types.length === 0 || types.includes('text') || types.includes('list')) &&
  ['scalar', 'text', 'pattern', 'list'].includes(operand ?? '');
