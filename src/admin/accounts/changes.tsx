import { Anchor, Text } from '@mantine/core';
import { useState } from 'react';
import { AUDIT } from '../texts/audit.ts';
import type { AuditEntry } from './audit-table.tsx';
import { isOfRules, RulesChange } from './rules-change.tsx';

const SHOWN = 3;
/** Longer values are cut: a description can be long. */
const MAX_LENGTH = 160;

/** What was changed, old → new; the first few, and the rest when asked for. */
export function Changes({ changes }: { changes: AuditEntry['changes'] }) {
  const [all, setAll] = useState(false);
  const shown = all ? changes : changes.slice(0, SHOWN);
  return (
    <>
      {shown.map((change) =>
        isOfRules(change) ? (
          <RulesChange key={change.field} change={change} />
        ) : (
          <Text key={change.field} size="sm">
            <Text span size="sm" c="dimmed">
              {change.field}
            </Text>{' '}
            {valuesOf(change, all)}
          </Text>
        ),
      )}
      {changes.length > shown.length && (
        <Anchor component="button" type="button" size="sm" onClick={() => setAll(true)}>
          {AUDIT.more(changes.length - shown.length)}
        </Anchor>
      )}
    </>
  );
}

function valuesOf(change: AuditEntry['changes'][number], whole: boolean): string {
  const text = (value: unknown) => {
    const words =
      value === null || value === undefined
        ? AUDIT.nothing
        : typeof value === 'string'
          ? value
          : JSON.stringify(value);
    return whole || words.length <= MAX_LENGTH ? words : `${words.slice(0, MAX_LENGTH)}…`;
  };
  const before = Object.hasOwn(change, 'before');
  const after = Object.hasOwn(change, 'after');
  if (before && after) return `${text(change.before)} → ${text(change.after)}`;
  if (after) return text(change.after);
  return before ? `${text(change.before)} → ${AUDIT.nothing}` : '';
}
