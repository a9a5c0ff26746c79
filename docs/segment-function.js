/**
 * quackback-segment as a Segment Destination Function, for those who can't use the Webhooks destination or want
 * batches that are signed as a whole.
 *
 * 1. Segment: Connections → Catalog → Functions → New Function → Destination. Paste this file.
 * 2. Settings → Add Setting, twice, both of type Text and required:
 *      webhookUrl     the address under "webhookUrl" in the settings of quackback-segment
 *      sharedSecret   the shared secret; switch Encrypted on
 * 3. Save, then connect the function to your sources and fill in both settings.
 *
 * A refused event shows its reason under Event Delivery; docs/troubleshooting.md explains each.
 */

/** One identify. */
async function onIdentify(event, settings) {
  await deliver(event, settings);
}

/** A privacy deletion; ignored unless the service is set to honour it (inbound.deleteUsers). */
async function onDelete(event, settings) {
  await deliver(event, settings);
}

/** Several events of any kind: those that matter go in one request, signed over all of it. */
async function onBatch(events, settings) {
  const wanted = events.filter(({ type }) => type === 'identify' || type === 'delete');
  if (wanted.length === 0) throw new EventNotSupported('Only identify and delete events are of use');
  await deliver(wanted, settings);
}

async function deliver(payload, settings) {
  // Signed and sent are the very same text, whatever happens to JSON elsewhere.
  const body = JSON.stringify(payload);
  const signature = crypto.createHmac('sha1', settings.sharedSecret).update(body, 'utf8').digest('hex');
  const headers = { 'Content-Type': 'application/json', 'X-Signature': signature };
  let status;
  let answer;
  try {
    const response = await fetch(settings.webhookUrl, { method: 'POST', headers, body, redirect: 'manual' });
    status = response.status;
    answer = readAnswer(await response.text());
  } catch (error) {
    throw new RetryError(`${settings.webhookUrl} could not be reached: ${error.message}`);
  }
  if (status === 200 && answer !== null) return;

  const explanation =
    answer === null
      ? `${status}, not from quackback-segment: check webhookUrl and the proxy in front of the service`
      : `${status} ${answer.reason}: ${answer.message}`;
  // Segment keeps what is to be retried for four hours: time to put right what is wrong.
  if (isTemporary(status)) throw new RetryError(explanation);
  throw new Error(explanation);
}

function isTemporary(status) {
  return status < 400 || status >= 500 || status === 408 || status === 423 || status === 429;
}

/** Every answer of quackback-segment has a reason; one without comes from something in between. */
function readAnswer(text) {
  try {
    const answer = JSON.parse(text);
    return typeof answer.reason === 'string' ? answer : null;
  } catch {
    return null;
  }
}
