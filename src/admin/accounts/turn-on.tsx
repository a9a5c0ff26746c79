import { Center, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Copyable } from '../parts/data.tsx';
import { FormFooter } from '../parts/form-footer.tsx';
import { SignInProblem } from '../sign-in/problem.tsx';
import { ACCOUNT } from '../texts/accounts.ts';
import { PasswordQuestion } from './password-dialog.tsx';
import { QrCode } from './qr-code.tsx';
import { type Begun, useTwoFactor } from './use-two-factor.ts';

const texts = ACCOUNT.twoFactor;

/** Password, then the secret for the app, then a code that proves the app has it. */
export function TurnOn({
  opened,
  onClose,
  onCodes,
}: {
  opened: boolean;
  onClose(): void;
  onCodes(codes: string[]): void;
}) {
  return (
    <Modal opened={opened} onClose={onClose} title={texts.title}>
      {opened && <Steps onClose={onClose} onCodes={onCodes} />}
    </Modal>
  );
}

function Steps({ onClose, onCodes }: { onClose(): void; onCodes(codes: string[]): void }) {
  const { begin } = useTwoFactor();
  const [begun, setBegun] = useState<Begun | null>(null);
  if (begun === null) {
    return (
      <PasswordQuestion
        onClose={onClose}
        text={texts.lead}
        action={texts.continue}
        run={async (password) => setBegun(await begin(password))}
      />
    );
  }
  const confirmed = () => {
    onCodes(begun.backupCodes);
    onClose();
  };
  return <Scan uri={begun.totpURI} onClose={onClose} onConfirmed={confirmed} />;
}

function Scan({ uri, onClose, onConfirmed }: { uri: string; onClose(): void; onConfirmed(): void }) {
  const { confirm } = useTwoFactor();
  const [code, setCode] = useState('');
  const doing = useMutation({
    mutationFn: () => confirm(code),
    onSuccess: onConfirmed,
    onError: () => setCode(''),
  });
  const secret = new URL(uri).searchParams.get('secret') ?? '';
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        doing.mutate();
      }}
    >
      <Stack>
        <Text>{texts.scan}</Text>
        <Center>
          <QrCode text={uri} label={texts.qr} />
        </Center>
        <div>
          <Text size="sm" c="dimmed">
            {texts.secret}
          </Text>
          <Copyable value={secret} what={texts.secretName} />
        </div>
        <TextInput
          label={texts.code}
          inputMode="numeric"
          autoComplete="one-time-code"
          autoFocus
          required
          withAsterisk={false}
          maxLength={10}
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
        />
        <SignInProblem error={doing.error} />
        <FormFooter onCancel={onClose} loading={doing.isPending}>
          {texts.confirm}
        </FormFooter>
      </Stack>
    </form>
  );
}
