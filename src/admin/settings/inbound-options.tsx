import { Box, Switch, Text, UnstyledButton } from '@mantine/core';
import { useState } from 'react';
import { useAddressParam } from '../address.ts';
import { Confirm } from '../parts/confirm.tsx';
import { useCan } from '../session.tsx';
import { SETTINGS } from '../texts/settings.ts';
import { type Inbound, useSave, useSaveNow } from './data.ts';

const { options: TEXT } = SETTINGS;

interface Option {
  key: 'createUsers' | 'deleteUsers' | 'acceptFirstEventSignature';
  label: string;
  text: string;
  /** Asked before it is switched on, where that is a risk. */
  risk?: { title: string; text: string };
}
const OPTIONS: Option[] = [
  { key: 'createUsers', label: TEXT.createUsers, text: TEXT.createUsersText },
  {
    key: 'deleteUsers',
    label: TEXT.deleteUsers,
    text: TEXT.deleteUsersText,
    risk: { title: TEXT.deleteTitle, text: TEXT.deleteRisk },
  },
  {
    key: 'acceptFirstEventSignature',
    label: TEXT.firstEvent,
    text: TEXT.firstEventText,
    risk: { title: TEXT.firstEventTitle, text: TEXT.firstEventRisk },
  },
];

/** What is seldom changed, folded away; what is switched on is named all the same. */
export function InboundOptions({ inbound }: { inbound: Inbound }) {
  const [shown, setShown] = useAddressParam('options');
  const opened = shown !== '';
  const on = OPTIONS.filter(({ key }) => inbound[key]).map(({ label }) => label);
  return (
    <div className="field">
      <UnstyledButton
        className="field-label fold"
        aria-expanded={opened}
        aria-controls="inbound-options"
        onClick={() => setShown(opened ? '' : 'open', { replace: true })}
      >
        <span aria-hidden="true">{opened ? '▾' : '▸'}</span> {SETTINGS.inbound.options}
      </UnstyledButton>
      <div className="field-value" id="inbound-options">
        {opened ? (
          OPTIONS.map((option) => (
            <OptionSwitch key={option.key} option={option} checked={inbound[option.key]} />
          ))
        ) : (
          <Text c="dimmed">{on.length === 0 ? SETTINGS.optionsOff : on.join(' · ')}</Text>
        )}
      </div>
    </div>
  );
}

function OptionSwitch({ option: { key, label, text, risk }, checked }: { option: Option; checked: boolean }) {
  const [asking, setAsking] = useState(false);
  const can = useCan('settings');
  const save = useSave();
  const saving = useSaveNow();
  const request = (on: boolean) => ({ patch: { inbound: { [key]: on } }, said: TEXT.saved(label, on) });
  return (
    <Box mb="sm">
      <Switch
        label={label}
        description={text}
        checked={checked}
        disabled={!can || saving.isPending}
        onChange={(event) => {
          const on = event.currentTarget.checked;
          if (on && risk !== undefined) setAsking(true);
          else saving.mutate(request(on));
        }}
      />
      {risk !== undefined && (
        <Confirm
          opened={asking}
          onClose={() => setAsking(false)}
          title={risk.title}
          action={TEXT.on}
          destructive
          run={() => save(request(true).patch, request(true).said)}
        >
          {risk.text}
        </Confirm>
      )}
    </Box>
  );
}
