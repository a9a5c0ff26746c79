import { Button, Group, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Confirm } from '../parts/confirm.tsx';
import { Ago, useNow } from '../parts/data.tsx';
import { notice } from '../parts/notice.ts';
import { useCan } from '../session.tsx';
import { SETTINGS } from '../texts/settings.ts';
import { type Inbound, useRotate } from './data.ts';
import { Field } from './field.tsx';
import { FreshSecret } from './fresh-secret.tsx';
import { OwnSecret } from './own-secret.tsx';

const { secret: TEXT } = SETTINGS;

interface Props {
  inbound: Inbound;
  fresh: string | null;
  onFresh(secret: string | null): void;
}

/** The secret Segment signs with: its last characters, since when, and how to get another one. */
export function SharedSecretField({ inbound, fresh, onFresh }: Props) {
  const [dialog, setDialog] = useState<'rotate' | 'own' | null>(null);
  const can = useCan('settings');
  const rotate = useRotate();
  const generating = useMutation({
    mutationFn: rotate,
    onSuccess: onFresh,
    onError: (error) => notice(error.message),
  });
  const [current, previous] = inbound.sharedSecrets;
  const close = () => setDialog(null);
  return (
    <Field label={TEXT.label}>
      <Group gap="sm" mih={28}>
        {current === undefined ? (
          <Text>{TEXT.none}</Text>
        ) : (
          <Text>
            <code>••••••••{current.hint.replace('…', '')}</code>{' '}
            <Text span c="dimmed">
              {SETTINGS.setAt} <Ago at={current.createdAt} />
            </Text>
          </Text>
        )}
        {can && (
          <Group gap="xs">
            {current === undefined ? (
              <Button loading={generating.isPending} onClick={() => generating.mutate()}>
                {TEXT.generate}
              </Button>
            ) : (
              <Button variant="default" size="xs" onClick={() => setDialog('rotate')}>
                {TEXT.rotate}
              </Button>
            )}
            <Button
              variant="default"
              size={current === undefined ? 'sm' : 'xs'}
              onClick={() => setDialog('own')}
            >
              {TEXT.own}
            </Button>
          </Group>
        )}
      </Group>
      {previous?.expiresAt && <Previous hint={previous.hint} expiresAt={previous.expiresAt} />}
      {fresh !== null && <FreshSecret secret={fresh} onStored={() => onFresh(null)} />}
      <Confirm
        opened={dialog === 'rotate'}
        onClose={close}
        title={TEXT.rotateTitle}
        action={TEXT.rotateAction}
        run={async () => onFresh(await rotate())}
      >
        <Text>{TEXT.rotateText(current?.hint ?? '')}</Text>
        {previous !== undefined && <Text mt="sm">{TEXT.rotateEarlier(previous.hint)}</Text>}
      </Confirm>
      <OwnSecret
        opened={dialog === 'own'}
        onClose={close}
        replaces={current?.hint ?? null}
        onSaved={() => onFresh(null)}
      />
    </Field>
  );
}

/** The secret of before, for as long as it is still accepted. */
function Previous({ hint, expiresAt }: { hint: string; expiresAt: string }) {
  const left = Date.parse(expiresAt) - useNow();
  if (left <= 0) return null;
  return (
    <Text fz="sm" c="dimmed" role="timer">
      {TEXT.previous(hint, TEXT.left(left))}
    </Text>
  );
}
