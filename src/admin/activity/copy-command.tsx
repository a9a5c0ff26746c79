import { Button, CopyButton } from '@mantine/core';
import { CheckIcon, CopyIcon } from '../parts/icons.tsx';
import { ACTIVITY } from '../texts/activity.ts';

export function CopyCommand({ command }: { command: string }) {
  return (
    <CopyButton value={command} timeout={3000}>
      {({ copied, copy }) => (
        <Button
          size="xs"
          variant="default"
          leftSection={copied ? <CheckIcon /> : <CopyIcon />}
          onClick={copy}
          aria-live="polite"
        >
          {copied ? ACTIVITY.panel.curlCopied : ACTIVITY.panel.curl}
        </Button>
      )}
    </CopyButton>
  );
}
