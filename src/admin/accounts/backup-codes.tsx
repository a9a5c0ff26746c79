import { Button, CopyButton, Group, SimpleGrid, Stack, Text } from '@mantine/core';
import { CheckIcon, CopyIcon } from '../parts/icons.tsx';
import { ShownOnce } from '../parts/shown-once.tsx';
import { ACCOUNT } from '../texts/accounts.ts';

const texts = ACCOUNT.codes;

/** The codes for the day the phone is lost, this once. */
export function BackupCodes({ codes, onKept }: { codes: string[]; onKept(): void }) {
  const text = `${codes.join('\n')}\n`;
  return (
    <ShownOnce label={texts.title}>
      <Stack gap="sm" align="flex-start">
        <Text fw={600}>{texts.title}</Text>
        <Text maw={640}>{texts.lead}</Text>
        <SimpleGrid cols={2} spacing="xl" verticalSpacing={4} component="ul" m={0} p={0}>
          {codes.map((code) => (
            <li key={code} style={{ listStyle: 'none' }}>
              <code>{code}</code>
            </li>
          ))}
        </SimpleGrid>
        <Group gap="xs">
          <CopyButton value={text} timeout={3000}>
            {({ copied, copy }) => (
              <Button
                size="xs"
                variant="default"
                leftSection={copied ? <CheckIcon /> : <CopyIcon />}
                onClick={copy}
              >
                {copied ? texts.copied : texts.copy}
              </Button>
            )}
          </CopyButton>
          <Button
            size="xs"
            variant="default"
            component="a"
            href={`data:text/plain;charset=utf-8,${encodeURIComponent(text)}`}
            download={texts.file}
          >
            {texts.download}
          </Button>
          <Button size="xs" variant="default" onClick={onKept}>
            {texts.kept}
          </Button>
        </Group>
      </Stack>
    </ShownOnce>
  );
}
