/** How much of an answer is read, bytes, and how much of that is kept, characters. */
const MAX_READ = 4096;
const MAX_KEPT = 200;

/**
 * What an answer says, on one line of at most 200 characters; '' where that is nothing. Of JSON it is the sentence in
 * it. The secrets are left out, wherever they are repeated. Throws where the connection breaks.
 */
export async function wordsOf(response: Response, secrets: readonly string[]): Promise<string> {
  const { text, cut } = await readStart(response);
  // Half a secret at the end would not be known as one.
  const whole = cut ? text.slice(0, -Math.max(...secrets.map((secret) => secret.length))) : text;
  const said = secrets.reduce((rest, secret) => rest.replaceAll(secret, '…'), sentenceIn(whole));
  // Neither a control character nor half a surrogate pair belongs into a log.
  const line = said.replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ').trim();
  return line.slice(0, MAX_KEPT).toWellFormed();
}

/** Reads a short answer to its end, so that the connection can be used again; of a long one no more than the start. */
async function readStart({ body }: Response): Promise<{ text: string; cut: boolean }> {
  const decoder = new TextDecoder();
  let text = '';
  let left = MAX_READ;
  for await (const chunk of body ?? []) {
    text += decoder.decode(chunk.subarray(0, left), { stream: true });
    left -= chunk.length;
    // To leave the loop gives the rest up.
    if (left < 0) return { text, cut: true };
  }
  return { text, cut: false };
}

function sentenceIn(text: string): string {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return text;
  }
  const { error, message, success, ...rest } = Object(json);
  const found = [error, message, error?.message].find((one) => typeof one === 'string');
  // {"success":false} says nothing that the status does not.
  const bare = success === false && error === undefined && Object.keys(rest).length === 0;
  return found ?? (bare ? '' : text);
}
