import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import { isAccountName, MAX_NAME } from '../auth/account-name.ts';
import { commandEntry } from '../auth/audit.ts';
import { normalEmail } from '../auth/invitations.ts';
import { createPasswords } from '../auth/password.ts';
import { MAX_PASSWORD, MIN_PASSWORD } from '../auth/password-length.ts';
import { makeId } from '../auth/tokens.ts';
import { OperatorError } from '../errors.ts';
import type { AccountStore, AdminRecord, Role } from '../store/account-store.ts';
import { ACCOUNT_EMAIL } from '../text-forms.ts';
import { withStore } from './offline.ts';
import { readPassword } from './password-prompt.ts';

export function addAdmin(program: Command) {
  const admin = program
    .command('admin')
    .description('Who can sign in to the admin area; the service may be running or not');

  admin
    .command('create')
    .argument('<email>', 'by which they sign in')
    .description(
      'Make an account. The password is asked for, read from standard input, or made and shown once',
    )
    .option('--name <name>', 'how they are called (default: the email)')
    .option('--viewer', 'who may look, but change and export nothing')
    .option('--generate', 'make a password and print it')
    .action(async (email: string, options: { name?: string; viewer?: true; generate?: true }) => {
      const address = requireEmail(email);
      const name = requireName(options.name ?? address);
      const role: Role = options.viewer ? 'viewer' : 'admin';
      await withAccounts(async (store) => {
        if ((await store.findAdmin(address)) !== null) throw taken(address);
        const { password, made } = await choosePassword(options.generate === true);
        const now = Date.now();
        const account = { id: makeId('admin'), name, email: address, role };
        const created = await store.createAdmin(
          { ...account, passwordHash: await createPasswords().hash(password) },
          null,
          now,
        );
        if (created !== 'created') throw taken(address);
        const changes = [{ field: 'role', after: role }];
        await store.recordAudit([commandEntry({ action: 'admin.created', target: address, changes }, now)]);
        console.log(`${address} can sign in as ${role}`);
        if (made) showPassword(password);
      });
    });

  admin
    .command('reset-password')
    .argument('<email>', 'whose password')
    .description('Set another password and end every session. The password is chosen as for create')
    .option('--remove-totp', 'take the second factor away, too')
    .option('--generate', 'make a password and print it')
    .action(async (email: string, options: { removeTotp?: true; generate?: true }) => {
      await withAccounts(async (store) => {
        const found = await requireAdmin(store, email);
        const { password, made } = await choosePassword(options.generate === true);
        const removeTotp = options.removeTotp === true;
        const now = Date.now();
        await store.resetPassword(found.id, await createPasswords().hash(password), removeTotp, now);
        const changes = removeTotp ? [{ field: 'twoFactor', after: 'removed' }] : [];
        const event = { action: 'admin.password_reset', target: found.email, changes };
        await store.recordAudit([commandEntry(event, now)]);
        console.log(`${found.email} has another password; every session has ended`);
        if (removeTotp) console.log('No code is asked for any more');
        else if (found.twoFactor) console.log('A code is still asked for; --remove-totp ends that');
        if (found.disabledAt !== null) console.log('The account is disabled: an admin has to enable it');
        if (made) showPassword(password);
      });
    });

  admin
    .command('list')
    .description('Who can sign in')
    .action(() =>
      withAccounts(async (store) => {
        const all = await store.listAdmins();
        if (all.length === 0) console.log('Nobody yet');
        for (const one of all) console.log(lineOf(one));
      }),
    );
}

const lineOf = ({ email, role, disabledAt, twoFactor, password }: AdminRecord): string =>
  [
    email,
    role,
    ...(disabledAt === null ? [] : ['disabled']),
    ...(twoFactor ? ['second factor'] : []),
    ...(password ? [] : ['no password']),
  ].join('  ');

const withAccounts = (work: (accounts: AccountStore) => Promise<void>) =>
  withStore(({ accounts }) => work(accounts));

async function choosePassword(generate: boolean): Promise<{ password: string; made: boolean }> {
  if (generate) return { password: randomBytes(18).toString('base64url'), made: true };
  const password = await readPassword();
  if (password.length >= MIN_PASSWORD && password.length <= MAX_PASSWORD) return { password, made: false };
  throw new OperatorError(
    `A password has ${MIN_PASSWORD} to ${MAX_PASSWORD} characters`,
    'Choose another one, or have one made with --generate',
  );
}

const showPassword = (password: string) => console.log(`Their password, shown only now:\n\n  ${password}\n`);

function requireEmail(email: string): string {
  if (new RegExp(ACCOUNT_EMAIL).test(email.trim())) return normalEmail(email);
  throw new OperatorError(`"${email}" is no email`, 'Give the email by which they are to sign in');
}

function requireName(name: string): string {
  const cleaned = name.trim();
  if (isAccountName(cleaned)) return cleaned;
  throw new OperatorError('This is no name', `Give one line of at most ${MAX_NAME} characters as --name`);
}

async function requireAdmin(store: AccountStore, email: string): Promise<AdminRecord> {
  const found = await store.findAdmin(normalEmail(email));
  if (found !== null) return found;
  throw new OperatorError(`Nobody signs in as "${email}"`, 'admin list shows who does');
}

const taken = (email: string) =>
  new OperatorError(`${email} can sign in already`, 'admin reset-password sets another password');
