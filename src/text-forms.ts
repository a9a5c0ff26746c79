const CONTROL = '\\u0000-\\u001f\\u007f-\\u009f';

/** A name as people write it: something to be seen, and nothing that breaks a line or controls a terminal. */
export const ONE_LINE = `^[^${CONTROL}]*[^\\s${CONTROL}][^${CONTROL}]*$`;
/** What is copied from elsewhere, and must not bring along what stood around it. */
export const UNPADDED = '^\\S(.*\\S)?$';
export const UNSPACED = '^\\S+$';
/** What somebody signs in by. */
export const ACCOUNT_EMAIL = `^[^\\s@${CONTROL}]+@[^\\s@${CONTROL}]+$`;

/** What is said of such a pattern, behind "text of 1 to 20 characters". */
export const FORM_IN_WORDS: Readonly<Record<string, string>> = {
  [ONE_LINE]: ' on one line, not only spaces',
  [UNPADDED]: ' on one line, without spaces around it',
  [UNSPACED]: ' without spaces',
};
