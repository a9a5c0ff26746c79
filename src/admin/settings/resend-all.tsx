import { Button } from '@mantine/core';
import { useState } from 'react';
import { useCan } from '../session.tsx';
import { SETTINGS } from '../texts/settings.ts';
import { useResendAll } from './actions.ts';
import { ConfirmSending } from './confirm-sending.tsx';
import type { Outbound } from './data.ts';

const { resend: TEXT } = SETTINGS;

/** Tells Segment everything once more, after saying how much that is. */
export function ResendAll({ outbound: { enabled, writeKey, eventsPerSecond } }: { outbound: Outbound }) {
  const [asking, setAsking] = useState(false);
  const can = useCan('write');
  const resend = useResendAll();
  if (!can) return null;
  return (
    <>
      <Button variant="default" disabled={writeKey === null} onClick={() => setAsking(true)}>
        {TEXT.button}
      </Button>
      <ConfirmSending
        opened={asking}
        onClose={() => setAsking(false)}
        title={TEXT.title}
        action={TEXT.action}
        change="resend"
        rate={eventsPerSecond}
        run={resend}
      >
        {enabled ? TEXT.text : `${TEXT.text} ${TEXT.needsSync}`}
      </ConfirmSending>
    </>
  );
}
