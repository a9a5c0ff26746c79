import { ActionIcon, Anchor, Group, Table, Text, VisuallyHidden } from '@mantine/core';
import { useRef, useState } from 'react';
import { Link } from 'wouter';
import { Confirm } from '../../parts/confirm.tsx';
import { Ago, Tag } from '../../parts/data.tsx';
import { CloseIcon, PencilIcon } from '../../parts/icons.tsx';
import { activityLink } from '../../reasons.ts';
import { useCan } from '../../session.tsx';
import { ATTRIBUTES } from '../../texts/users.ts';
import { type Json, typeOf } from '../value.ts';
import { AttributeForm } from './attribute-form.tsx';
import type { User, UserAttribute } from './data.ts';
import { useChange } from './use-change.ts';
import { ValueView } from './value-view.tsx';

export function AttributeTable({ user, attributes }: { user: User; attributes: UserAttribute[] }) {
  const [editing, setEditing] = useState<string | null>(null);
  const [removing, setRemoving] = useState<string | null>(null);
  const body = useRef<HTMLTableSectionElement>(null);
  const removal = useChange(user.id, () => setRemoving(null));
  const mayWrite = useCan('write');
  const finish = (key: string) => {
    setEditing(null);
    // The button is there again once the form is gone.
    requestAnimationFrame(() => {
      const buttons = body.current?.querySelectorAll<HTMLElement>('button[data-edit]') ?? [];
      for (const button of buttons) if (button.dataset.edit === key) button.focus();
    });
  };
  return (
    <>
      <Table layout="fixed" fz="md" aria-label={ATTRIBUTES.title} className="flush attribute-table">
        <Table.Thead>
          <Table.Tr>
            <Table.Th w="26%">{ATTRIBUTES.key}</Table.Th>
            <Table.Th>{ATTRIBUTES.value}</Table.Th>
            <Table.Th w={96} className="from-sm">
              {ATTRIBUTES.type}
            </Table.Th>
            <Table.Th w={116} className="from-sm">
              {ATTRIBUTES.setAt}
            </Table.Th>
            {mayWrite && (
              <Table.Th w={76}>
                <VisuallyHidden>{ATTRIBUTES.actions}</VisuallyHidden>
              </Table.Th>
            )}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody ref={body}>
          {attributes.map((attribute) =>
            editing === attribute.key ? (
              <Table.Tr key={attribute.key}>
                <Table.Td className="key">
                  <bdi>{attribute.key}</bdi>
                </Table.Td>
                <Table.Td colSpan={4}>
                  <AttributeForm
                    userId={user.id}
                    attribute={{ key: attribute.key, value: attribute.value as Json }}
                    taken={[]}
                    onDone={() => finish(attribute.key)}
                  />
                </Table.Td>
              </Table.Tr>
            ) : (
              <Row
                key={attribute.key}
                attribute={attribute}
                mayWrite={mayWrite}
                email={user.email}
                onEdit={() => setEditing(attribute.key)}
                onRemove={() => setRemoving(attribute.key)}
              />
            ),
          )}
        </Table.Tbody>
      </Table>
      <Confirm
        opened={removing !== null}
        onClose={() => setRemoving(null)}
        title={ATTRIBUTES.removeTitle}
        action={ATTRIBUTES.removeAction}
        destructive
        run={() => removal.mutateAsync({ attributes: { [removing ?? '']: null } })}
      >
        <Text style={{ overflowWrap: 'anywhere' }}>{ATTRIBUTES.removeText(removing ?? '', user.email)}</Text>
      </Confirm>
    </>
  );
}

interface RowProps {
  attribute: UserAttribute;
  email: string;
  mayWrite: boolean;
  onEdit(): void;
  onRemove(): void;
}

function Row({ attribute: { key, value, setAt, event }, email, mayWrite, onEdit, onRemove }: RowProps) {
  return (
    <Table.Tr>
      <Table.Td className="key">
        <bdi>{key}</bdi>
      </Table.Td>
      <Table.Td className="value">
        <ValueView value={value as Json} />
      </Table.Td>
      <Table.Td className="from-sm">
        <Tag>{ATTRIBUTES.types[typeOf(value as Json)]}</Tag>
      </Table.Td>
      <Table.Td className="from-sm" c="dimmed">
        <Ago at={setAt} />
        {event !== null && (
          <div>
            <Anchor
              component={Link}
              size="sm"
              href={activityLink({ direction: 'in', user: email, open: `in-${event.id}` })}
            >
              {ATTRIBUTES.event}
            </Anchor>
          </div>
        )}
      </Table.Td>
      {mayWrite && (
        <Table.Td>
          <Group gap={4} wrap="nowrap" justify="flex-end">
            <ActionIcon
              variant="subtle"
              color="gray"
              onClick={onEdit}
              aria-label={ATTRIBUTES.edit(key)}
              data-edit={key}
            >
              <PencilIcon />
            </ActionIcon>
            <ActionIcon variant="subtle" color="gray" onClick={onRemove} aria-label={ATTRIBUTES.remove(key)}>
              <CloseIcon />
            </ActionIcon>
          </Group>
        </Table.Td>
      )}
    </Table.Tr>
  );
}
