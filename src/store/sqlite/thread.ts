/** A thread with a connection of its own to the database. */
export interface Thread<Question, Answer> {
  /** Answered one after the other; rejects when the thread fails, which ends it. */
  ask(question: Question): Promise<Answer>;
  /** Closes the connection when all that was asked is answered. */
  end(): Promise<void>;
}

/** The modules that run as threads; the build makes each an entry point of its own. */
type ThreadModule = 'checkpoint-thread' | 'evaluation-thread';
type Message<Question> = { open: string } | { ask: Question } | 'close';

/** Rejects where a thread can't start; whoever asks must be able to do without. */
export async function startThread<Question, Answer>(
  module: ThreadModule,
  path: string,
): Promise<Thread<Question, Answer>> {
  const worker = new Worker(threadUrl(module), { ref: false, smol: true });
  const waiting: PromiseWithResolvers<unknown>[] = [];
  let failure: Error | null = null;
  worker.onmessage = ({ data }) => waiting.shift()?.resolve(data);
  worker.onerror = ({ message }) => {
    failure = new Error(message);
    worker.terminate();
    for (const { reject } of waiting.splice(0)) reject(failure);
  };
  async function say(message: Message<Question>): Promise<unknown> {
    if (failure !== null) throw failure;
    const answer = Promise.withResolvers<unknown>();
    waiting.push(answer);
    worker.postMessage(message);
    return answer.promise;
  }
  await say({ open: path });
  return {
    ask: (question) => say({ ask: question }) as Promise<Answer>,
    async end() {
      await say('close');
      worker.terminate();
    },
  };
}

/** In the executable, modules lie below its root without their `src`, translated. */
function threadUrl(module: ThreadModule): URL {
  const here = import.meta.url;
  return here.includes('/$bunfs/')
    ? new URL(`./store/sqlite/${module}.js`, here)
    : new URL(`./${module}.ts`, here);
}

declare const self: Worker;

/** The thread's side: what a module that runs as a thread does when it is loaded. */
export function runThread<Question, Answer>(
  open: (path: string) => { answer(question: Question): Answer; close(): void },
) {
  let opened: ReturnType<typeof open> | null = null;
  self.onmessage = ({ data }: MessageEvent<Message<Question>>) => {
    let answer: Answer | undefined;
    if (data === 'close') opened?.close();
    else if ('open' in data) opened = open(data.open);
    else answer = opened?.answer(data.ask);
    self.postMessage(answer);
  };
}
