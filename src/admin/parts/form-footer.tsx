import { Button, type ButtonProps, Group } from '@mantine/core';
import type { ReactNode } from 'react';
import { COMMON } from '../texts/common.ts';

export interface FormFooterProps extends Pick<ButtonProps, 'loading' | 'disabled' | 'color'> {
  onCancel(): void;
  /** What the way out is called, where it is not just "Cancel". */
  cancel?: string | undefined;
  /** What the button says that sends the form. */
  children: ReactNode;
}

/** The end of a dialog's form: a way out, and the deed. */
export function FormFooter({ onCancel, cancel = COMMON.cancel, children, ...submit }: FormFooterProps) {
  return (
    <Group justify="flex-end">
      <Button variant="default" onClick={onCancel}>
        {cancel}
      </Button>
      <Button type="submit" {...submit}>
        {children}
      </Button>
    </Group>
  );
}
