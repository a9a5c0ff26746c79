import { formatMoment } from '../../format.ts';
import { Ago, Copy } from '../../parts/data.tsx';
import { COMMON } from '../../texts/common.ts';
import { USER } from '../../texts/users.ts';
import type { User } from './data.ts';

/** Who the user is, and since when, in one line that wraps. */
export function IdentityLine({ user: { email, externalId, createdAt, lastSeenAt } }: { user: User }) {
  return (
    <span className="identity-line">
      <span className="identity-email">
        <bdi>{email}</bdi>
        <Copy value={email} what={USER.email} />
      </span>
      <span>
        {USER.externalId}: <bdi>{externalId ?? USER.none}</bdi>
      </span>
      <span title={formatMoment(createdAt)}>
        {USER.created} <Ago at={createdAt} />
      </span>
      <span>
        {USER.seen} {lastSeenAt === null ? COMMON.never : <Ago at={lastSeenAt} />}
      </span>
    </span>
  );
}
