import { Anchor, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { Ago, Status } from '../../parts/data.tsx';
import { Failed, Loading, Section } from '../../parts/page.tsx';
import { activityLink, type InboundKind, inboundKind, reasonLabel } from '../../reasons.ts';
import { DELIVERIES } from '../../texts/users.ts';
import { deliveriesOfUserQuery, type User } from './data.ts';

const TONES: Record<InboundKind, 'ok' | 'off' | 'bad'> = { applied: 'ok', ignored: 'off', rejected: 'bad' };
const SHOWN = 10;

/** What came from Segment about the user lately. */
export function DeliveriesSection({ user: { email, externalId } }: { user: User }) {
  const deliveries = useQuery(deliveriesOfUserQuery(email));
  // The API finds a part of the address, which may be somebody else's.
  const own = (deliveries.data ?? []).filter(
    ({ user }) => user?.trim().toLowerCase() === email || (externalId !== null && user === externalId),
  );
  return (
    <Section
      title={DELIVERIES.title}
      aside={
        <Anchor component={Link} href={activityLink({ direction: 'in', user: email })} size="sm">
          {DELIVERIES.all}
        </Anchor>
      }
    >
      {deliveries.isPending && <Loading rows={3} />}
      {deliveries.isError && (
        <Failed what={DELIVERIES.what} error={deliveries.error} retry={() => deliveries.refetch()} />
      )}
      {deliveries.isSuccess && own.length === 0 && <Text c="dimmed">{DELIVERIES.empty}</Text>}
      <ul className="plain-list">
        {own.slice(0, SHOWN).map(({ id, at, reason, eventType }) => (
          <li key={id} className="history-line">
            <Anchor
              component={Link}
              href={activityLink({ direction: 'in', user: email, open: `in-${id}` })}
              c="inherit"
            >
              {eventType ?? ''} <Status tone={TONES[inboundKind(reason)]}>{reasonLabel(reason)}</Status>
            </Anchor>
            <Text span c="dimmed" size="sm" className="no-wrap">
              <Ago at={at} />
            </Text>
          </li>
        ))}
      </ul>
    </Section>
  );
}
