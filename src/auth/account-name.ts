import { ONE_LINE } from '../text-forms.ts';

/** Characters of a name. */
export const MAX_NAME = 200;

const FORM = new RegExp(ONE_LINE);
export const isAccountName = (text: string): boolean => text.length <= MAX_NAME && FORM.test(text);

/** What somebody is called elsewhere, as a name we take; empty where nothing is left. */
export const asAccountName = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(/\p{Cc}+/gu, ' ')
    .slice(0, MAX_NAME)
    .trim();
