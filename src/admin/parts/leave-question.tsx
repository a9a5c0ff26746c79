import { leave, stay, useIsAsked } from '../leaving.ts';
import { FRAME } from '../texts/frame.ts';
import { Confirm } from './confirm.tsx';
import { whatIsLost } from './unsaved.ts';

/** Asks before a page is left with what was not saved on it, or is not shown again. */
export function LeaveQuestion() {
  const asked = useIsAsked();
  const text = FRAME.leave[whatIsLost()];
  return (
    <Confirm
      opened={asked}
      onClose={stay}
      title={text.title}
      action={text.leave}
      cancel={text.stay}
      destructive
      stackId="leave"
      run={async () => leave()}
    >
      {text.text}
    </Confirm>
  );
}
