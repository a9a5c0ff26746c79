export const SIGN_IN = {
  title: 'Sign in',
  email: 'Email',
  password: 'Password',
  submit: 'Sign in',
  ended: 'Your session has ended. Sign in to go on; what you typed is still here.',
  with: (provider: string) => `Sign in with ${provider}`,
  or: 'or',
  forgotten:
    'Forgotten your password? Whoever runs the service can set a new one with “quackback-segment admin reset-password”.',
  noAdminTitle: 'Nobody can sign in yet',
  noAdmin:
    'There is no admin so far. The service prints a link for the first one when it starts; the link is good for 30 minutes. Restart the service to see another, or run:',
  command: 'command',
  noAdminCommand: 'quackback-segment admin create',

  code: {
    title: 'Second step',
    lead: 'Enter the code your authenticator app shows for quackback-segment.',
    label: 'Six-digit code',
    submit: 'Continue',
    useBackup: 'Use a backup code instead',
    useApp: 'Use the authenticator app instead',
    backupLead: 'Enter one of the backup codes you saved. Each works once.',
    backupLabel: 'Backup code',
    back: 'Back to email and password',
  },

  accept: {
    setUpTitle: 'Set up the first account',
    setUpLead: 'You will be the admin: you can change everything and invite others.',
    title: 'You are invited',
    leadAdmin: 'Make your account. As an admin you can change everything and invite others.',
    leadViewer: 'Make your account. As a viewer you can look at everything but change nothing.',
    name: 'Your name',
    email: 'Email',
    fixedEmail: 'The invitation is for this email.',
    submit: 'Make the account and sign in',
    noToken: 'This address is only part of a link',
    noTokenText: 'The part behind the # is missing. Open the whole link as it was sent or printed.',
    used: 'This link was used already',
    usedText: 'It works once. If it was you, sign in with the account you made.',
    expired: 'This link has expired',
    unknown: 'This link is not known',
    askText:
      'Ask an admin for another one. Where there is no admin yet, restart the service and it prints a new link, or run:',
    toSignIn: 'Go to the sign-in page',
    what: 'The invitation',
    checking: 'Checking the link',
    until: 'The link works until',
  },
} as const;

/** What went wrong with signing in, by the code of the answer: what it means and what to do. */
export const SIGN_IN_ERRORS: Record<string, string> = {
  invalid_email_or_password: 'The email or the password is not right. Check both and try again.',
  invalid_email: 'This is not an email address.',
  invalid_password: 'This is not your password.',
  account_disabled: 'This account is disabled. An admin can enable it again.',
  invalid_code:
    'This code is not right. Codes change every 30 seconds: enter the one shown now, and check that the clock of the phone is right.',
  code_used:
    'This code was used already. Enter email and password once more, and then the next code the app shows.',
  invalid_backup_code: 'This backup code is not right, or was used already. Each works once.',
  invalid_two_factor_cookie: 'That took too long. Enter email and password once more.',
  too_many_attempts_request_new_code: 'Too many codes were wrong. Enter email and password once more.',
  account_temporarily_locked:
    'Too many codes were wrong, so the account is locked for a while. Try again in 15 minutes.',
  password_too_short: 'The password is too short: it needs at least 12 characters.',
  session_expired: 'You have been signed out. Sign in again.',
  // What the provider's way back can say.
  not_invited: 'This account may not enter. Ask an admin for an invitation to the email you used.',
  email_not_verified: 'Your provider has not verified this email, so it can not be trusted here.',
  email_not_found: 'Your provider did not say which email is yours. Ask whoever looks after it to share it.',
  account_not_linked:
    'There is an account with this email that signs in with a password. Sign in with that below.',
  access_denied: 'The sign-in was cancelled at the provider.',
  state_mismatch: 'That took too long, or was begun in another window. Try again from here.',
  provider_failed: 'Signing in at the provider did not work. Try again, or use email and password.',
};

export const rateLimited = (wait: string) =>
  `Too many attempts from your network. Nothing is lost: wait ${wait} and try again.`;
