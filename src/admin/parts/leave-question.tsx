import { leave, stay, useIsAsked } from '../leaving.ts';
import { FRAME } from '../texts/frame.ts';
import { Confirm } from './confirm.tsx';

const TEXT = FRAME.leave;

/** Asks before a page is left with what was not saved on it. */
export function LeaveQuestion() {
  const asked = useIsAsked();
  return (
    <Confirm
      opened={asked}
      onClose={stay}
      title={TEXT.title}
      action={TEXT.leave}
      cancel={TEXT.stay}
      destructive
      stackId="leave"
      run={async () => leave()}
    >
      {TEXT.text}
    </Confirm>
  );
}
