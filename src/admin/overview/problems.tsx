import { Button, Group, Text } from '@mantine/core';
import { Link } from 'wouter';
import { Outcome } from '../activity/outcome.tsx';
import { Section } from '../parts/page.tsx';
import { useCan } from '../session.tsx';
import { useRetryParked } from '../settings/actions.ts';
import { useSaveNow } from '../settings/data.ts';
import { OVERVIEW } from '../texts/overview.ts';
import type { Problem, Remedy } from './find-problems.ts';

const TEXT = OVERVIEW.problems;

/** What needs a look, with the click that solves it; or that nothing does. */
export function Problems({ problems }: { problems: Problem[] }) {
  return (
    <Section title={problems.length === 0 ? <Outcome tone="ok">{TEXT.none}</Outcome> : TEXT.title}>
      {problems.length === 0 ? (
        <Text c="dimmed">{TEXT.noneText}</Text>
      ) : (
        <ul className="problems">
          {problems.map(({ key, tone, title, text, remedies }) => (
            <li key={key}>
              <div className="grow">
                <Outcome tone={tone}>{title}</Outcome>
                {text !== undefined && (
                  <Text fz="sm" c="dimmed" pl={18}>
                    {text}
                  </Text>
                )}
              </div>
              <Group gap="xs">
                {remedies.map((remedy) => (
                  <Solve key={remedy.label} remedy={remedy} />
                ))}
              </Group>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

function Solve({ remedy }: { remedy: Remedy }) {
  const can = useCan('settings');
  const retry = useRetryParked();
  const saving = useSaveNow();
  if ('href' in remedy) {
    return (
      <Button component={Link} href={remedy.href} size="xs" variant="default">
        {remedy.label}
      </Button>
    );
  }
  if (!can) return null;
  const solve = () => {
    if (remedy.does === 'retry') retry.mutate();
    else saving.mutate({ patch: { inbound: { enabled: true } }, said: TEXT.switchedOn });
  };
  return (
    <Button size="xs" loading={retry.isPending || saving.isPending} onClick={solve}>
      {remedy.label}
    </Button>
  );
}
