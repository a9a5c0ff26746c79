import { Button, Group, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState } from 'react';
import { Status } from '../parts/data.tsx';
import { Section } from '../parts/page.tsx';
import { useMe } from '../session.tsx';
import { ACCOUNT } from '../texts/accounts.ts';
import { BackupCodes } from './backup-codes.tsx';
import { PasswordDialog } from './password-dialog.tsx';
import { TurnOn } from './turn-on.tsx';
import { useTwoFactor } from './use-two-factor.ts';

const texts = ACCOUNT.twoFactor;

/** The second step: on or off, and the codes for the day the phone is lost. */
export function TwoFactorSection() {
  const { twoFactor, password } = useMe();
  const { turnOff, newCodes } = useTwoFactor();
  const [onOpened, on] = useDisclosure();
  const [offOpened, off] = useDisclosure();
  const [codesOpened, codesDialog] = useDisclosure();
  const [codes, setCodes] = useState<string[] | null>(null);
  const state = <Status tone={twoFactor ? 'ok' : 'off'}>{twoFactor ? texts.on : texts.off}</Status>;

  return (
    <Section title={texts.title} aside={state}>
      <Text c="dimmed" mb="sm" maw={640}>
        {password ? texts.lead : texts.none}
      </Text>
      {codes !== null && <BackupCodes codes={codes} onKept={() => setCodes(null)} />}
      {password && (
        <Group>
          {twoFactor ? (
            <>
              <Button variant="default" onClick={codesDialog.open}>
                {texts.newCodes}
              </Button>
              <Button variant="default" onClick={off.open}>
                {texts.turnOff}
              </Button>
            </>
          ) : (
            <Button variant="default" onClick={on.open}>
              {texts.turnOn}
            </Button>
          )}
        </Group>
      )}
      <TurnOn opened={onOpened} onClose={on.close} onCodes={setCodes} />
      <PasswordDialog
        opened={offOpened}
        onClose={off.close}
        title={texts.offTitle}
        text={texts.offText}
        action={texts.offAction}
        destructive
        run={async (typed) => {
          await turnOff(typed);
          setCodes(null);
          off.close();
        }}
      />
      <PasswordDialog
        opened={codesOpened}
        onClose={codesDialog.close}
        title={texts.newCodesTitle}
        text={texts.newCodesText}
        action={texts.newCodesAction}
        run={async (typed) => {
          setCodes(await newCodes(typed));
          codesDialog.close();
        }}
      />
    </Section>
  );
}
