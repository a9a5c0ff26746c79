import { Box, Center, Paper, Stack, Text, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { type ReactNode, useLayoutEffect, useState } from 'react';
import { COMMON } from '../texts/common.ts';

/** The one thing on a page outside the frame. */
export function Card({ title, lead, children }: { title: string; lead?: ReactNode; children: ReactNode }) {
  // A page that is kept behind it has named itself already.
  const [before] = useState(() => document.title);
  useLayoutEffect(
    () => () => {
      document.title = before;
    },
    [before],
  );
  useDocumentTitle(`${title} · ${COMMON.product}`);
  return (
    <Center component="main" mih="100vh" p="md">
      <Box w="100%" maw={400}>
        <Text c="dimmed" mb="sm">
          {COMMON.product}
        </Text>
        <Paper withBorder p="lg">
          <Stack gap="md">
            <Box>
              <Title order={1}>{title}</Title>
              {lead !== undefined && <Text c="dimmed">{lead}</Text>}
            </Box>
            {children}
          </Stack>
        </Paper>
      </Box>
    </Center>
  );
}
