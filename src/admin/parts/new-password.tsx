import { PasswordInput, Stack } from '@mantine/core';
import { PASSWORD } from '../texts/password.ts';
import { Status, type Tone } from './data.tsx';

export const MIN_PASSWORD = 12;
const MAX_PASSWORD = 128;

/** A field for a password that is made up now; says plainly what is missing. */
export function NewPassword({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string;
  onChange(value: string): void;
}) {
  const { tone, text } = judge(value);
  return (
    <Stack gap={4}>
      <PasswordInput
        label={label}
        description={PASSWORD.rule}
        autoComplete="new-password"
        required
        withAsterisk={false}
        minLength={MIN_PASSWORD}
        maxLength={MAX_PASSWORD}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      {/* Of the same height with and without words: nothing moves as one types. */}
      <div role="status" style={{ minHeight: 22, fontSize: 13 }}>
        {value !== '' && <Status tone={tone}>{text}</Status>}
      </div>
    </Stack>
  );
}

/** Length is what counts; a few characters again and again are no length. */
function judge(password: string): { tone: Tone; text: string } {
  const missing = MIN_PASSWORD - password.length;
  if (missing > 0) return { tone: 'look', text: PASSWORD.missing(missing) };
  const different = new Set(password).size;
  if (different < 6) return { tone: 'look', text: PASSWORD.plain };
  return { tone: 'ok', text: password.length >= 16 && different >= 9 ? PASSWORD.strong : PASSWORD.enough };
}
