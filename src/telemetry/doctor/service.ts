import { type Asked, ask } from './ask.ts';
import { type Finding, failure, ok, warning } from './finding.ts';

/** Whether the service runs, by what answers at its address. */
export function judgeService(address: string, asked: Asked): Finding {
  const topic = 'Service';
  if (asked.failure === 'timeout')
    return failure(
      topic,
      `Whatever listens at ${address} does not answer`,
      'Look at its log, and restart it',
    );
  if (asked.failure !== null)
    return warning(
      topic,
      `It does not run at ${address} (${asked.failure})`,
      'Start it, or correct HOST and PORT',
    );
  const { status, reason } = asked.body as { status?: unknown; reason?: unknown };
  if (asked.status === 200 && status === 'ok') return ok(topic, `It runs at ${address} and is ready`);
  if (status === 'unavailable')
    return failure(topic, `It runs at ${address}, but is not ready: ${reason}`, 'Look at its log');
  return failure(
    topic,
    `Something else answers at ${address} (${asked.status})`,
    'Choose another PORT, or stop what is listening there',
  );
}

export const askService = (address: string): Promise<Asked> => ask(`${address}/readyz`);
