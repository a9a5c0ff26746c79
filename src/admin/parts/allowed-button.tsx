import { Button, type ButtonProps, Group, Text } from '@mantine/core';
import type { MouseEventHandler } from 'react';
import { type Permission, useCan } from '../session.tsx';
import { COMMON } from '../texts/common.ts';

/** A button for what not everybody may do; for those who may not it says so, where a tooltip would need a mouse. */
export function AllowedButton({
  needs,
  disabled,
  ...rest
}: ButtonProps & {
  needs: Permission;
  onClick?: MouseEventHandler<HTMLButtonElement>;
  'aria-label'?: string;
}) {
  const allowed = useCan(needs);
  const button = <Button {...rest} disabled={!allowed || disabled === true} />;
  if (allowed) return button;
  return (
    <Group gap="xs">
      {button}
      <Text size="sm" c="dimmed">
        {COMMON.notAllowed}
      </Text>
    </Group>
  );
}
