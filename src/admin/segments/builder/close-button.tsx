import { ActionIcon, Tooltip } from '@mantine/core';
import type { MouseEvent } from 'react';
import { CloseIcon } from '../../parts/icons.tsx';

export function CloseButton({ label, onClick }: { label: string; onClick(event: MouseEvent): void }) {
  return (
    <Tooltip label={label}>
      <ActionIcon
        variant="subtle"
        color="gray"
        onClick={onClick}
        aria-label={label}
        className="condition-remove"
      >
        <CloseIcon />
      </ActionIcon>
    </Tooltip>
  );
}
