import { Group, Stack, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { formatBytes, formatCount } from '../format.ts';
import type { Tone } from '../parts/data.tsx';
import { segmentSettingsQuery } from '../queries.ts';
import { ACTIVITY } from '../texts/activity.ts';
import { CopyCommand } from './copy-command.tsx';
import { deliveryAsCurl } from './curl.ts';
import { Diagnose } from './diagnose.tsx';
import type { Delivery } from './entries.ts';
import { Facts, Part, TextBox } from './facts.tsx';
import { Outcome } from './outcome.tsx';
import { byCount, endOf } from './words.ts';

const { panel } = ACTIVITY;
/** What the service keeps of a body, bytes. */
const KEPT = 16 * 1024;
/** More characters than this help nobody who reads. */
const SHOWN = 20_000;

/** What came, what became of it and why. */
export function DeliveryDetails({
  delivery,
  words,
}: {
  delivery: Delivery;
  words: { tone: Tone; text: string };
}) {
  const { data: settings } = useQuery(segmentSettingsQuery);
  const { body, signature, results } = delivery;
  const shown = body === null ? '' : formatted(body);
  return (
    <Stack gap="lg">
      <Stack gap="xs">
        <Text fw={600} size="lg" component="h2" m={0}>
          <Outcome tone={words.tone}>{words.text}</Outcome>
        </Text>
        {results === null && <Text>{delivery.message}.</Text>}
        {body !== null && (
          <Group gap="xs">
            {settings !== undefined && (
              <CopyCommand command={deliveryAsCurl(settings.webhookUrl, delivery)} />
            )}
          </Group>
        )}
      </Stack>
      <Facts of={delivery} type={delivery.eventType} />
      {results !== null && <Results results={results} />}
      {body === null ? (
        <Text size="sm" c="dimmed">
          {panel.noBody}
        </Text>
      ) : (
        <>
          <Part title={panel.signature}>
            <Stack gap="sm">
              {signature === null ? (
                <Text c="dimmed">{panel.none}</Text>
              ) : (
                <TextBox label={panel.signature} text={signature} />
              )}
              <Diagnose deliveryId={delivery.id} />
            </Stack>
          </Part>
          <Part title={panel.body}>
            <TextBox label={panel.body} text={shown.slice(0, SHOWN)} note={noteOn(body, shown)} />
          </Part>
        </>
      )}
    </Stack>
  );
}

function Results({ results }: { results: Record<string, number> }) {
  return (
    <Part title={panel.results}>
      <Table aria-label={panel.results}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{panel.reason}</Table.Th>
            <Table.Th ta="right">{panel.count}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {byCount(results).map(([reason, count]) => (
            <Table.Tr key={reason}>
              <Table.Td>
                <Outcome tone={endOf(reason).tone}>{endOf(reason).text}</Outcome>
              </Table.Td>
              <Table.Td ta="right">{formatCount(count)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Part>
  );
}

/** JSON with line breaks; anything else as it is. */
function formatted(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}

function noteOn(body: string, shown: string): string | undefined {
  if (new TextEncoder().encode(body).length >= KEPT) return panel.bodyCut(formatBytes(KEPT));
  return shown.length > SHOWN ? panel.bodyShown(`${formatCount(SHOWN)} characters`) : undefined;
}
