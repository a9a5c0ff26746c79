import { ActionIcon, Badge, CopyButton, Group, Text, Tooltip } from '@mantine/core';
import { type ReactNode, useEffect, useState } from 'react';
import { formatCount, formatDuration, formatMoment } from '../format.ts';
import { COMMON } from '../texts/common.ts';
import { CheckIcon, CopyIcon } from './icons.tsx';

const SHAPES = { ok: '●', look: '▲', bad: '■', off: '○' } as const;
export type Tone = keyof typeof SHAPES;

/** A state in a word, with a shape and a colour that say the same. */
export function Status({ tone, children }: { tone: Tone; children: ReactNode }) {
  return (
    <span className={`status status-${tone}`}>
      <span aria-hidden="true">{SHAPES[tone]}</span>
      <span>{children}</span>
    </span>
  );
}

/** "12 s ago", going on by itself; the exact time on hover. */
export function Ago({ at }: { at: string | null }) {
  const now = useNow();
  if (at === null) return <Text span>{COMMON.never}</Text>;
  return (
    <time dateTime={at} title={formatMoment(at)}>
      {agoText(at, now)}
    </time>
  );
}

/** For a time that has passed, or one to come. */
export function agoText(at: string, now: number): string {
  const distance = now - Date.parse(at);
  if (Math.abs(distance) < 1000) return COMMON.justNow;
  return distance > 0 ? COMMON.ago(formatDuration(distance)) : COMMON.inTime(formatDuration(-distance));
}

/** The present, anew every second. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

export function Count({ value }: { value: number }) {
  return <span>{formatCount(value)}</span>;
}

/** A small label for a kind or type. */
export function Tag({ children }: { children: ReactNode }) {
  return (
    <Badge variant="default" tt="none" fw={500} radius="sm">
      {children}
    </Badge>
  );
}

/** A button that copies `value`; `what` names it for those who hear the page. */
export function Copy({ value, what }: { value: string; what: string }) {
  return (
    <CopyButton value={value}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? COMMON.copied : COMMON.copy(what)} withinPortal={false}>
          <ActionIcon variant="subtle" color="gray" onClick={copy} aria-label={COMMON.copy(what)}>
            {copied ? <CheckIcon /> : <CopyIcon />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  );
}

/** A value to be taken elsewhere: an address, a key. */
export function Copyable({ value, what }: { value: string; what: string }) {
  return (
    <Group gap={4} wrap="nowrap">
      <Text component="code" fz="sm" style={{ overflowWrap: 'anywhere' }}>
        {value}
      </Text>
      <Copy value={value} what={what} />
    </Group>
  );
}
