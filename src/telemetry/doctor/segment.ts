import type { Reachability } from '../../outbound/segment-client.ts';
import { type Finding, failure, ok, warning } from './finding.ts';

const TOPIC = 'Segment';

/** The way to Segment's API: name, connection, certificate. `needed`: whether anything is to be sent, null where that is not known. */
export function judgeReach(
  address: string,
  { failure: code, latencyMs }: Reachability,
  needed: boolean | null,
): Finding {
  const { host } = new URL(address);
  if (code === null) return ok(TOPIC, `${host} answers after ${Math.round(latencyMs)} ms`);
  const [message, remedy] = explain(code, host);
  if (needed) return failure(TOPIC, message, remedy);
  const why = needed === null ? 'whether anything is to be sent is not known' : 'nothing is to be sent';
  return warning(TOPIC, `${message}; ${why}`, remedy);
}

/** What an error of a connection means, and what to do. */
export function explain(code: string, host: string): [message: string, remedy: string] {
  if (/^(ENOTFOUND|EAI_)/.test(code))
    return [`${host} has no address (${code})`, 'Check the name, and the DNS this machine asks'];
  if (code === 'timeout')
    return [`${host} does not answer`, 'Check the firewall: something drops packets on the way'];
  if (code === 'EPROTO')
    return [`${host} does not speak TLS (${code})`, 'Check the address: http:// or https://, and the port'];
  if (/EXPIRED|NOT_YET_VALID/.test(code))
    return [`The certificate of ${host} is not valid now (${code})`, 'Check the clock, or renew it'];
  if (/CERT|ISSUER|SIGNATURE|_TLS_|_SSL_/.test(code))
    return [
      `The certificate of ${host} is not trusted (${code})`,
      'If a proxy opens TLS on the way, name its authority in NODE_EXTRA_CA_CERTS; else install a valid certificate with its chain',
    ];
  return [`${host} can not be reached (${code})`, 'Check that it runs, and the firewall'];
}

/** How wrong a clock may be before it matters, milliseconds: the header is a second wide, and answers take time. */
const UNSURE_MS = 5_000;
const WRONG_MS = 60_000;

/** Whether this machine's clock is right, by Segment's. */
export function judgeClock({ clockAheadMs: ahead }: Pick<Reachability, 'clockAheadMs'>): Finding {
  const topic = 'Clock';
  const remedy = 'Synchronise it (NTP): times in the future are cut to now, and time-relative rules go by it';
  if (ahead === null)
    return warning(
      topic,
      'Not compared, as Segment did not tell its time',
      'Mend the connection, or check it by hand',
    );
  const off = Math.abs(ahead);
  const message =
    off < UNSURE_MS
      ? 'It agrees with Segment'
      : `It is ${Math.round(off / 1000)} s ${ahead > 0 ? 'ahead of' : 'behind'} Segment`;
  if (off >= WRONG_MS) return failure(topic, message, remedy);
  return off >= UNSURE_MS ? warning(topic, message, remedy) : ok(topic, message);
}
