import { formatCount, formatDay, formatMoment } from '../format.ts';
import { EDITOR } from '../texts/segments.ts';
import { type Condition, isGroup, type Json, type Rules } from './rules.ts';
import type { Vocabulary } from './vocabulary.ts';

/** Rules as sentences: each condition in three parts, groups as lists. */
export type Sentence =
  | { match: Rules['match']; sentences: Sentence[] }
  | { subject: string; verb: string; object: string };

export function inWords(
  rules: Rules | Condition,
  vocabulary: Vocabulary,
  segmentName: (slug: string) => string,
): Sentence {
  if (isGroup(rules)) {
    return {
      match: rules.match,
      sentences: rules.conditions.map((child) => inWords(child, vocabulary, segmentName)),
    };
  }
  const { field, operator, value, caseSensitive } = rules;
  const { title, isSegment } = vocabulary.field(field);
  const say = (one: Json) => (isSegment && typeof one === 'string' ? segmentName(one) : valueText(one));
  const object = objectText(value, vocabulary.operandOf(operator) === 'range', say);
  return {
    subject: title,
    verb: vocabulary.titleOf(operator, field),
    object: caseSensitive === true ? `${object} ${EDITOR.caseSensitiveNote}` : object,
  };
}

function objectText(value: Json | undefined, isRange: boolean, say: (one: Json) => string): string {
  if (value === undefined) return '';
  if (Array.isArray(value)) {
    const words = value.map(say);
    if (isRange) return words.join(EDITOR.and);
    const shown = words.slice(0, 20).join(', ');
    return words.length > 20 ? `${shown} ${EDITOR.more(formatCount(words.length - 20))}` : shown;
  }
  if (typeof value === 'object' && value !== null) return spanText(value);
  return say(value);
}

export function spanText(span: { [unit: string]: Json }): string {
  const [unit, amount] = Object.entries(span)[0] ?? ['days', 0];
  return EDITOR.span(Number(amount), unit === 'hours' ? 'hours' : 'days');
}

/** A value as it reads: dates as days or moments, a text without anything to see in quotes. */
export function valueText(value: Json): string {
  if (typeof value === 'number') return String(value);
  if (typeof value === 'boolean') return value ? EDITOR.yes : EDITOR.no;
  if (typeof value !== 'string') return JSON.stringify(value);
  if (value.trim() === '') return `"${value}"`;
  if (/^\d{4}-\d{2}-\d{2}$/.test(value)) return formatDay(`${value}T12:00:00`);
  return /^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/.test(value) && !Number.isNaN(Date.parse(value))
    ? formatMoment(value)
    : value;
}
