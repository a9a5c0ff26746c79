import { Anchor, Button, Progress, Text } from '@mantine/core';
import { Link } from 'wouter';
import { CheckIcon } from '../parts/icons.tsx';
import { Section } from '../parts/page.tsx';
import { activityLink } from '../reasons.ts';
import { OVERVIEW } from '../texts/overview.ts';
import type { SetUpStep } from './set-up.ts';

const TEXT = OVERVIEW.setUp;

interface Props {
  steps: SetUpStep[];
  /** Whether something came that was not accepted. */
  rejected: boolean;
  onHide(): void;
}

/** The way to a working connection, ticking itself off. */
export function Checklist({ steps, rejected, onHide }: Props) {
  const done = steps.filter((step) => step.done).length;
  const next = steps.find((step) => !step.done);
  return (
    <Section
      title={TEXT.title}
      aside={
        <Anchor component="button" type="button" fz="sm" onClick={onHide}>
          {TEXT.hide}
        </Anchor>
      }
    >
      <Text c="dimmed" fz="sm" mb={6} role="status">
        {TEXT.done(done, steps.length)}
      </Text>
      <Progress value={(done / steps.length) * 100} size="sm" aria-label={TEXT.done(done, steps.length)} />
      <ol className="checklist">
        {steps.map((step) => (
          <li key={step.key} className={step.done ? 'is-done' : undefined}>
            <span className="tick" role="img" aria-label={step.done ? TEXT.isDone : TEXT.isOpen}>
              {step.done && <CheckIcon />}
            </span>
            <div className="grow">
              <Text fw={step === next ? 600 : 400}>{step.title}</Text>
              {!step.done && (
                <Text fz="sm" c="dimmed">
                  {step.text}
                </Text>
              )}
              {step.key === 'event' && !step.done && rejected && (
                <Text fz="sm" className="status-bad">
                  {TEXT.rejectedSoFar}{' '}
                  <Anchor component={Link} fz="sm" href={activityLink({ direction: 'in' })}>
                    {TEXT.why}
                  </Anchor>
                </Text>
              )}
            </div>
            {!step.done && (
              <Button
                component={Link}
                href={step.href}
                size="xs"
                variant={step === next ? 'filled' : 'default'}
              >
                {step.action}
              </Button>
            )}
          </li>
        ))}
      </ol>
    </Section>
  );
}
