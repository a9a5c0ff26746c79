import { Anchor, Box, Group, Loader, Text } from '@mantine/core';
import { Link } from 'wouter';
import { formatCount } from '../format.ts';
import { Problem } from '../parts/page.tsx';
import { EDITOR } from '../texts/segments.ts';
import type { Preview, PreviewState } from './use-preview.ts';

export function effectText({ effect, complete, count }: Preview): string {
  const said = EDITOR.effect(effect?.join ?? count, effect?.leave ?? 0);
  return complete ? said : EDITOR.partialEffect(said);
}

/** How many match right now, ten of them, and what saving would do. What is out of date is dimmed and says so. */
export function PreviewPanel({ preview, finished }: { preview: PreviewState; finished: boolean }) {
  const { data, isFresh, problems, error, retry } = preview;
  return (
    <Box component="section" aria-label={EDITOR.preview} aria-live="polite" mih={48}>
      {!finished ? (
        <Text c="dimmed">{EDITOR.previewWaiting}</Text>
      ) : problems.length > 0 ? (
        <Text c="dimmed">{EDITOR.previewBroken}</Text>
      ) : error !== null ? (
        <Group>
          <Problem error={error} />
          <Anchor component="button" type="button" onClick={retry}>
            {EDITOR.retry}
          </Anchor>
        </Group>
      ) : data === undefined ? (
        <Group gap="xs">
          <Loader size={14} aria-hidden />
          <Text c="dimmed">{EDITOR.counting}</Text>
        </Group>
      ) : (
        <Result data={data} isFresh={isFresh} />
      )}
    </Box>
  );
}

function Result({ data, isFresh }: { data: Preview; isFresh: boolean }) {
  const { count, complete, scanned, total, sample } = data;
  const numbers = [count, scanned, total].map(formatCount) as [string, string, string];
  return (
    <>
      <Group gap="0 12px" align="baseline">
        <Text fz="lg" fw={600} className={isFresh ? undefined : 'stale'} data-fresh={isFresh}>
          {complete ? EDITOR.rightNow(numbers[0], numbers[2]) : EDITOR.partial(...numbers)}
        </Text>
        <Text className={isFresh ? undefined : 'stale'} aria-hidden={!isFresh}>
          {effectText(data)}
        </Text>
        {!isFresh && (
          <Text fz="sm" c="dimmed">
            {EDITOR.stale}
          </Text>
        )}
      </Group>
      <div className={isFresh ? undefined : 'stale'} aria-hidden={!isFresh}>
        {!complete && (
          <Text fz="sm" c="dimmed">
            {EDITOR.partialNote}
          </Text>
        )}
        {sample.length === 0 ? (
          <Text fz="sm" c="dimmed">
            {EDITOR.nobody}
          </Text>
        ) : (
          <Sample of={data} isFresh={isFresh} />
        )}
      </div>
    </>
  );
}

/** Some of those who match, as many as one line has room for. */
function Sample({ of: { sample, count }, isFresh }: { of: Preview; isFresh: boolean }) {
  return (
    <div className="sample">
      <span className="one-line">
        {sample.map(({ id, email }) => (
          <Anchor
            key={id}
            component={Link}
            href={`/users/${id}`}
            target="_blank"
            fz="sm"
            tabIndex={isFresh ? undefined : -1}
          >
            {email}
          </Anchor>
        ))}
      </span>
      {count > sample.length && (
        <Text fz="sm" c="dimmed" className="no-wrap">
          {EDITOR.sample}
        </Text>
      )}
    </div>
  );
}
