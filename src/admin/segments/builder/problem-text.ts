import { EDITOR } from '../../texts/segments.ts';
import type { Operand, Problem } from '../rules.ts';

/** A problem in the words of the builder; the service's own are for whoever writes rules as JSON. */
export function problemText({ part, message }: Problem, operand: Operand | null): string {
  const { problems } = EDITOR;
  if (part === 'group' || part === 'field' || part === 'operator') {
    return part === 'operator' && message !== '' ? `${message}.` : problems[part];
  }
  if (part === 'value' && operand !== null) {
    const reason = /^is not a valid RE2 pattern: (.*)$/s.exec(message)?.[1];
    if (reason !== undefined) return problems.badPattern(reason);
    // Of a date of the person's own a number would be no comparison.
    return /^must be an ISO date/.test(message) ? problems.date : problems[operand];
  }
  return message;
}
