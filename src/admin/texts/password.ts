import { plural } from '../format.ts';

export const PASSWORD = {
  label: 'Password',
  newLabel: 'New password',
  rule: 'At least 12 characters. A few unrelated words are strong and easy to remember.',
  missing: (characters: number) => `${plural(characters, 'more character', 'more characters')} needed`,
  enough: 'Long enough',
  strong: 'Long enough, and strong',
  plain: 'Long enough, but easy to guess: it repeats itself',
} as const;
