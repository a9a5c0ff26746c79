import { Anchor, Text } from '@mantine/core';
import { useState } from 'react';
import { ATTRIBUTES } from '../../texts/users.ts';
import { type Json, typeOf } from '../value.ts';

/** Longer values show their beginning first. */
const LONG = 240;
const MANY_LINES = 6;

/** Any value, calmly: as text, never as anything else, in its own direction, and never larger than it has to be. */
export function ValueView({ value }: { value: Json }) {
  const type = typeOf(value);
  if (type === 'number') return <span>{String(value)}</span>;
  if (type === 'boolean') return <span>{value === true ? ATTRIBUTES.yes : ATTRIBUTES.no}</span>;
  if (value === '') return <Text c="dimmed">{ATTRIBUTES.emptyText2}</Text>;
  if (type === 'list') {
    const items = (value as (string | number)[]).map(String);
    if (items.join('').length <= LONG) {
      return (
        <span className="value-items">
          {items.map((item, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: items may be equal
            <bdi key={i} className="value-item">
              {item}
            </bdi>
          ))}
        </span>
      );
    }
  }
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
  return <LongText text={text} code={typeof value !== 'string'} />;
}

function LongText({ text, code }: { text: string; code: boolean }) {
  const [all, setAll] = useState(false);
  const lines = text.split('\n');
  const isLong = text.length > LONG || lines.length > MANY_LINES;
  const shown = all || !isLong ? text : `${lines.slice(0, MANY_LINES).join('\n').slice(0, LONG)}…`;
  return (
    <>
      <span className={code ? 'value-text mono' : 'value-text'} dir={code ? 'ltr' : 'auto'}>
        {shown}
      </span>
      {isLong && (
        <Anchor
          component="button"
          type="button"
          size="sm"
          ta="start"
          aria-expanded={all}
          onClick={() => setAll(!all)}
        >
          {all ? ATTRIBUTES.showLess : ATTRIBUTES.showAll(ATTRIBUTES.characters(text.length))}
        </Anchor>
      )}
    </>
  );
}
