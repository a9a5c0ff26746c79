import { Alert, Anchor, Box, Button, Group, Paper, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { ApiError } from '../api.ts';
import { COMMON } from '../texts/common.ts';

/** The head of a page: its name, one line on what it is for, and the one main action. */
export function PageHeader({ title, lead, action }: { title: string; lead?: ReactNode; action?: ReactNode }) {
  useDocumentTitle(`${title} · ${COMMON.product}`);
  return (
    <Group justify="space-between" align="flex-start" wrap="wrap" mb="lg">
      <Box>
        <Title order={1}>{title}</Title>
        {lead !== undefined && <Text c="dimmed">{lead}</Text>}
      </Box>
      {action}
    </Group>
  );
}

/** A framed part of a page with a heading. */
export function Section({
  title,
  aside,
  children,
}: {
  title: ReactNode;
  aside?: ReactNode;
  children: ReactNode;
}) {
  return (
    <Paper withBorder p="md" component="section">
      <Group justify="space-between" mb="sm" wrap="wrap">
        <Title order={2}>{title}</Title>
        {aside}
      </Group>
      {children}
    </Paper>
  );
}

/** Grey lines where the content will be, as many as it has rows. */
export function Loading({ rows = 5 }: { rows?: number }) {
  return (
    <Stack gap="sm" aria-busy="true" aria-label={COMMON.loading} role="status">
      {Array.from({ length: rows }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines that are all alike
        <Skeleton key={i} height={20} />
      ))}
    </Stack>
  );
}

/** What failed, why, and what to do. */
export function Failed({ what, error, retry }: { what: string; error: unknown; retry?: () => void }) {
  return (
    <Alert color="red" variant="light" title={COMMON.failed(what)} role="alert">
      <Stack gap="sm" align="flex-start">
        <Text>{errorText(error)}</Text>
        {retry !== undefined && (
          <Button variant="default" onClick={retry}>
            {COMMON.retry}
          </Button>
        )}
      </Stack>
    </Alert>
  );
}

/** What is wrong with what was just tried, beside it. */
export function Problem({ error }: { error: unknown }) {
  if (error === null || error === undefined) return null;
  return (
    <Alert color="red" variant="light" role="alert">
      {errorText(error)}
    </Alert>
  );
}

export const errorText = (error: unknown): string =>
  error instanceof ApiError || error instanceof Error ? error.message : String(error);

/** Where nothing is yet: what will be here, and the one thing to do. */
export function Empty({ title, text, action }: { title: string; text: ReactNode; action?: ReactNode }) {
  return (
    <Stack gap="xs" align="flex-start" py="xl">
      <Text fw={600}>{title}</Text>
      <Text c="dimmed" maw={640}>
        {text}
      </Text>
      {action}
    </Stack>
  );
}

/** In place of a page or a thing that is not there: the way to others. */
export function NotThere({
  title,
  text,
  link,
  href,
}: {
  title: string;
  text: string;
  link: string;
  href: string;
}) {
  return (
    <>
      <PageHeader title={title} />
      <Empty
        title={text}
        text=""
        action={
          <Anchor component={Link} href={href}>
            {link}
          </Anchor>
        }
      />
    </>
  );
}
