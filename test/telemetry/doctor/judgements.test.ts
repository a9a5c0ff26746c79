import { expect, test } from 'bun:test';
import { judgeSpace } from '../../../src/telemetry/doctor/files.ts';
import { type Finding, failure, lineOf, ok, warning } from '../../../src/telemetry/doctor/finding.ts';
import { explain, judgeReach } from '../../../src/telemetry/doctor/segment.ts';

// What can't be brought about on every machine.

const MIB = 1024 * 1024;
test.each([
  [0, 'error', '0 MiB free'],
  [100 * MIB - 1, 'error', '99 MiB free'],
  [100 * MIB, 'warning', '100 MiB free'],
  [1024 * MIB - 1, 'warning', '1023 MiB free'],
  [1024 * MIB, 'ok', '1.0 GiB free'],
  [74.04 * 1024 * MIB, 'ok', '74.0 GiB free'],
])('%d bytes of disk', (free, level, message) => {
  expect(judgeSpace(free)).toMatchObject({ level, message });
  expect(judgeSpace(free).remedy === undefined).toBe(level === 'ok');
});

test.each([
  ['ENOTFOUND', /has no address/, /DNS/],
  ['EAI_AGAIN', /has no address/, /DNS/],
  ['timeout', /does not answer/, /firewall/],
  ['ECONNREFUSED', /can not be reached/, /firewall/],
  ['ECONNRESET', /can not be reached/, /firewall/],
  ['EPROTO', /does not speak TLS/, /port/],
  ['CERT_HAS_EXPIRED', /not valid now/, /clock/],
  ['CERT_NOT_YET_VALID', /not valid now/, /clock/],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', /not trusted/, /NODE_EXTRA_CA_CERTS/],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', /not trusted/, /NODE_EXTRA_CA_CERTS/],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', /not trusted/, /NODE_EXTRA_CA_CERTS/],
  ['ERR_TLS_CERT_ALTNAME_INVALID', /not trusted/, /NODE_EXTRA_CA_CERTS/],
])('a connection that fails with %s', (code, message, remedy) => {
  const said = explain(code, 'api.segment.io');
  expect(said).toEqual([expect.stringMatching(message), expect.stringMatching(remedy)]);
  expect(said[0]).toContain('api.segment.io');
  const address = 'https://api.segment.io/v1';
  const reached = { failure: code, latencyMs: 1, clockAheadMs: null };
  expect(judgeReach(address, reached, true).level).toBe('error');
  expect(judgeReach(address, reached, false).level).toBe('warning');
});

const LINES: [Finding, plain: string, coloured: string][] = [
  [ok('Clock', 'It is right'), 'ok       Clock           It is right', '\x1b[32mok\x1b[0m '],
  [
    warning('Disk space', '99 MiB\nfree', 'Make room'),
    'warning  Disk space      99 MiB free. Make room',
    '\x1b[33mwarning\x1b[0m ',
  ],
  [
    failure('Proxy', 'It lies', 'Mend it'),
    'error    Proxy           It lies. Mend it',
    '\x1b[31merror\x1b[0m ',
  ],
];
test.each(LINES)('a finding is one line, in colour only on a terminal', (finding, plain, coloured) => {
  expect(lineOf(finding, false)).toBe(plain);
  expect(lineOf(finding, true)).toStartWith(coloured);
  expect(Bun.stripANSI(lineOf(finding, true))).toBe(plain);
});
