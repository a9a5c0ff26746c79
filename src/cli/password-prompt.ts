import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { OperatorError } from '../errors.ts';

/** A password typed twice at a terminal, unseen; else the first line of standard input. */
export async function readPassword(): Promise<string> {
  if (!process.stdin.isTTY) return (await Bun.stdin.text()).split(/\r?\n/, 1)[0] ?? '';
  const password = await ask('Password: ');
  if ((await ask('Once more: ')) === password) return password;
  throw new OperatorError('The two differ', 'Start again');
}

function ask(question: string): Promise<string> {
  process.stderr.write(question);
  const unseen = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: unseen, terminal: true });
  return new Promise((resolve, reject) => {
    lines.once('SIGINT', () => lines.close());
    lines.once('close', () => reject(new OperatorError('No password was given', 'Start again')));
    lines.question('', (answer) => {
      process.stderr.write('\n');
      resolve(answer);
      lines.close();
    });
  });
}
