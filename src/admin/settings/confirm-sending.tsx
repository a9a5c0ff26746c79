import { Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { Confirm } from '../parts/confirm.tsx';
import type { Change } from './data.ts';
import { OutlookText } from './outlook-text.tsx';

interface Props {
  opened: boolean;
  onClose(): void;
  title: string;
  action: string;
  change: Change;
  rate: number | null;
  nothing?: string;
  children?: ReactNode;
  /** Is told how many updates were announced. */
  run(updates: number): Promise<unknown>;
}

/** Asks before something is sent to Segment, and says first how much. */
export function ConfirmSending({ opened, onClose, title, action, run, children, ...outlook }: Props) {
  const [updates, setUpdates] = useState<number | null>(null);
  const close = () => {
    setUpdates(null);
    onClose();
  };
  return (
    <Confirm
      opened={opened}
      onClose={close}
      title={title}
      action={action}
      ready={updates !== null}
      run={() => run(updates ?? 0)}
    >
      <Stack gap="sm">
        {children !== undefined && <Text>{children}</Text>}
        <OutlookText {...outlook} onCounted={setUpdates} />
      </Stack>
    </Confirm>
  );
}
