import { Anchor, Skeleton, Table, Text, UnstyledButton } from '@mantine/core';
import { memo, type ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import { useAddressParam } from '../../address.ts';
import { formatDay, formatMoment } from '../../format.ts';
import { Ago } from '../../parts/data.tsx';
import { attributeTitle } from '../../segments/vocabulary.ts';
import { COMMON } from '../../texts/common.ts';
import { ATTRIBUTES, USERS } from '../../texts/users.ts';
import { oneLine, valueAt } from '../value.ts';
import { type Sort, useAsked } from './asked.ts';
import type { User } from './data.ts';

export function UsersTable({
  users,
  columns,
  faded,
}: {
  users: readonly User[];
  columns: string[];
  faded: boolean;
}) {
  return (
    <Frame columns={columns} busy={faded}>
      {users.map((user) => (
        <Row key={user.id} user={user} columns={columns} />
      ))}
    </Frame>
  );
}

function Frame({ columns, busy, children }: { columns: string[]; busy: boolean; children: ReactNode }) {
  const wide = columns.length > 0;
  return (
    <section className="users-scroll" {...(wide && { tabIndex: 0, 'aria-label': USERS.table })}>
      <Table
        layout="fixed"
        fz="md"
        aria-label={USERS.table}
        aria-busy={busy}
        className={busy ? 'is-stale' : ''}
        style={{ minWidth: wide ? 620 + columns.length * 140 : undefined }}
      >
        <Table.Thead>
          <Table.Tr>
            <SortHeader by="email" label={USERS.email} {...(wide && { w: 240 })} />
            <SortHeader by="name" label={USERS.name} className="from-sm" />
            {columns.map((path) => (
              <Table.Th key={path} className="one-line" title={path}>
                <bdi>{attributeTitle(path)}</bdi>
              </Table.Th>
            ))}
            <Table.Th w={110} className="from-sm">
              {USERS.lastSeen}
            </Table.Th>
            <SortHeader by="createdAt" label={USERS.created} className="from-md" w={130} />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>{children}</Table.Tbody>
      </Table>
    </section>
  );
}

function SortHeader({
  by,
  label,
  className = '',
  w,
}: {
  by: 'email' | 'name' | 'createdAt';
  label: string;
  className?: string;
  w?: number;
}) {
  const { sort } = useAsked();
  const [, setSort] = useAddressParam('sort');
  const direction = sort === by ? 'ascending' : sort === `-${by}` ? 'descending' : 'none';
  // The newest first is what one wants of dates, A to Z of words.
  const first: Sort = by === 'createdAt' ? '-createdAt' : by;
  const other = first === by ? `-${by}` : by;
  return (
    <Table.Th className={className} aria-sort={direction} {...(w !== undefined && { w })}>
      <UnstyledButton className="sort-button" onClick={() => setSort(sort === first ? other : first)}>
        {label}
        <span aria-hidden="true">{direction === 'none' ? '' : direction === 'ascending' ? ' ↑' : ' ↓'}</span>
      </UnstyledButton>
    </Table.Th>
  );
}

const Row = memo(function Row({ user, columns }: { user: User; columns: string[] }) {
  const [, navigate] = useLocation();
  const href = `/users/${user.id}`;
  return (
    <Table.Tr
      className="opens"
      onClick={(event) => {
        // The link works by itself, and whoever marks text wants to copy it.
        const onLink = event.target instanceof Element && event.target.closest('a') !== null;
        if (!onLink && getSelection()?.isCollapsed !== false) navigate(href);
      }}
    >
      <Table.Td className="one-line" title={user.email}>
        <Anchor component={Link} href={href} c="inherit" fw={500} underline="hover">
          <bdi>{user.email}</bdi>
        </Anchor>
        <Text size="sm" c="dimmed" className="one-line until-sm">
          <bdi>{user.name}</bdi>
        </Text>
      </Table.Td>
      <Table.Td className="one-line from-sm" title={user.name ?? undefined}>
        {user.name === null ? (
          <Text span c="dimmed">
            {USERS.noName}
          </Text>
        ) : (
          <bdi>{user.name}</bdi>
        )}
      </Table.Td>
      {columns.map((path) => {
        const text = oneLine(valueAt(user.attributes, path), ATTRIBUTES).slice(0, 300);
        return (
          <Table.Td key={path} className="one-line" title={text}>
            <bdi>{text}</bdi>
          </Table.Td>
        );
      })}
      <Table.Td className="from-sm one-line">
        {user.lastSeenAt === null ? (
          <Text span c="dimmed">
            {COMMON.never}
          </Text>
        ) : (
          <Ago at={user.lastSeenAt} />
        )}
      </Table.Td>
      <Table.Td className="from-md one-line">
        <time dateTime={user.createdAt} title={formatMoment(user.createdAt)}>
          {formatDay(user.createdAt)}
        </time>
      </Table.Td>
    </Table.Tr>
  );
});

/** The table while its rows are on their way. */
export function LoadingTable({ columns }: { columns: string[] }) {
  return (
    <div role="status" aria-busy="true" aria-label={USERS.what}>
      <Frame columns={columns} busy>
        {Array.from({ length: 12 }, (_, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines that are all alike
          <Table.Tr key={i}>
            <Table.Td colSpan={4 + columns.length}>
              <Skeleton height={22} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Frame>
    </div>
  );
}
