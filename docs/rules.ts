import { join } from 'node:path';
import { OPERATORS, type Operand, type Operator, type OperatorName } from '../src/segments/operators.ts';
import { FIELDS, type FieldName, SEGMENT_OPERATORS } from '../src/segments/rules.ts';

/** What an operator takes as its `value`, in words and as an example. */
const OPERANDS: Record<Operand, string> = {
  none: 'nothing',
  scalar: 'text, a number, `true` or `false`',
  comparable: 'a number or an ISO date',
  text: 'text',
  pattern: 'a pattern: `"^pro"`',
  list: 'a list: `["pro", "enterprise"]`, up to 1,000',
  range: '`[from, to]`: two numbers or two ISO dates',
  date: 'an ISO date: `"2026-01-31"`',
  span: '`{"days": 30}` or `{"hours": 12}`',
};
const FIELD_MEANINGS: Record<FieldName, string> = {
  email: 'the email, lower case',
  name: 'the display name',
  externalId: "the user's id in your product: Segment's `userId`",
  createdAt: 'when the user was created here',
  lastSeenAt: 'the latest time of an identify event',
  segment: 'member of another segment, named by its slug',
};

const table = (head: string[], rows: string[][]): string =>
  [head, head.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n')
    .replaceAll('| --- ', '|---')
    .replaceAll('--- |', '---|');

function fields(): string {
  const own = (Object.entries(FIELDS) as [FieldName, string][]).map(([name, type]) => [
    `\`${name}\``,
    type === 'segment' ? SEGMENT_OPERATORS.map((one) => `\`${one}\``).join(', ') : type,
    FIELD_MEANINGS[name],
  ]);
  return table(['field', 'type', ''], [...own, ['`attributes.<path>`', 'any', 'an attribute']]);
}

function operators(): string {
  const rows = (Object.entries(OPERATORS) as [OperatorName, Operator][]).map(
    ([name, { title, description, operand, fits }]) => [
      `\`${name}\``,
      title,
      OPERANDS[operand],
      fits.join(', '),
      description,
    ],
  );
  return table(['operator', 'reads as', 'value', 'for', ''], rows);
}

/** The document with its tables as the code has them now. */
export function withTables(document: string): string {
  let text = document;
  for (const [name, content] of [
    ['fields', fields()],
    ['operators', operators()],
  ]) {
    const place = new RegExp(`(<!-- ${name}:[^>]*-->\\n)[\\s\\S]*?(<!-- /${name} -->)`);
    if (!place.test(text)) throw new Error(`docs/rules.md has no place for the table of ${name}`);
    text = text.replace(place, (_whole, begin, end) => `${begin}\n${content}\n\n${end}`);
  }
  return text;
}

if (import.meta.main) {
  const path = join(import.meta.dir, 'rules.md');
  await Bun.write(path, withTables(await Bun.file(path).text()));
}
