import { SETTINGS } from '../../helpers/service.ts';
import { addCrowd, manualSegment, outboundIs } from '../../outbound/sync.ts';
import { eachPatient, examineEach, nothing } from './fixture.ts';

const d = eachPatient();

examineEach(d, [
  ['a shared secret', nothing, 'From Segment', 'ok', /A shared secret is set; nothing was refused/],
  [
    'no shared secret',
    async () => {
      d.withDatabase((db) => db.run("DELETE FROM settings WHERE key = 'segment'"));
      return {};
    },
    'From Segment',
    'error',
    /No shared secret.*inbound\.sharedSecret/,
  ],
  [
    'receiving switched off',
    async () => {
      await d.t.api('PATCH', SETTINGS, { inbound: { enabled: false } });
      return {};
    },
    'From Segment',
    'warning',
    /switched off.*inbound\.enabled/,
  ],
  [
    'deliveries that were refused',
    async () => {
      for (let i = 0; i < 3; i++) await d.t.webhook({}, { secret: 'not-the-shared-secret' });
      await d.t.webhook({}, { signature: null });
      await d.t.api('GET', '/api/v1/activity/inbound');
      return {};
    },
    'From Segment',
    'warning',
    /3 × bad_signature.*1 × missing_signature.*diagnose/,
  ],
  [
    'sending switched off',
    nothing,
    'To Segment',
    'ok',
    /switched off and no write key is set; nothing is pending/,
  ],
  [
    'a write key that Segment refuses',
    async () => {
      await manualSegment(d.t, 'VIP', await addCrowd(d.t, 1));
      d.t.stub.failWith(() => ({ status: 403 }));
      await d.t.connect();
      await outboundIs(d.t, { status: 'paused' });
      await d.t.api('GET', '/api/v1/activity/outbound');
      return {};
    },
    'To Segment',
    'error',
    /refused the write key \(403\); 1 trait pending.*outbound\.writeKey/,
  ],
  [
    'an event that Segment refuses',
    async () => {
      await manualSegment(d.t, 'VIP', await addCrowd(d.t, 2));
      d.t.stub.failWith(() => ({ status: 400 }));
      await d.t.connect();
      await outboundIs(d.t, { parked: 2, pending: 0 });
      return {};
    },
    'To Segment',
    'warning',
    /2 traits for good; nothing is pending.*retry-parked/,
  ],
  [
    'changes that have waited for long',
    async () => {
      await manualSegment(d.t, 'VIP', await addCrowd(d.t, 2));
      d.t.stub.failWith(() => ({ status: 500 }));
      await d.t.connect();
      await outboundIs(d.t, { status: 'backing_off' });
      await d.t.api('GET', '/api/v1/activity/outbound');
      d.withDatabase((db) => db.run('UPDATE memberships SET changed_at = changed_at - 8000000'));
      return {};
    },
    'To Segment',
    'error',
    /2 traits pending, the oldest for 2 h; last call: Segment answered 500/,
  ],
]);
