import { notifications } from '@mantine/notifications';
import { COMMON } from '../texts/common.ts';

/** Says what has been done, and what will happen now. */
export function notice(message: string): void {
  notifications.show({ message, closeButtonProps: { 'aria-label': COMMON.close } });
}
