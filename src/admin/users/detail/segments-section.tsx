import { Anchor, Button, Group, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { Status } from '../../parts/data.tsx';
import { Failed, Loading, Section } from '../../parts/page.tsx';
import { segmentPath } from '../../segments/data.ts';
import { useVocabulary } from '../../segments/vocabulary.ts';
import { MEMBERSHIP } from '../../texts/users.ts';
import { segmentsOfUserQuery, type UserSegment } from './data.ts';
import { Explained, type Explanation } from './explanation.tsx';

/** The segments a user is in and those they are not in, each with why. */
export function SegmentsSection({ userId }: { userId: string }) {
  const segments = useQuery(segmentsOfUserQuery(userId));
  const { data = [] } = segments;
  const own = data.filter(({ member }) => member);
  const others = data.filter(({ member }) => !member);
  const nameOf = (slug: string) => data.find((segment) => segment.slug === slug)?.name ?? slug;
  return (
    <Section title={MEMBERSHIP.title}>
      {segments.isPending && <Loading rows={3} />}
      {segments.isError && (
        <Failed what={MEMBERSHIP.what} error={segments.error} retry={() => segments.refetch()} />
      )}
      {segments.isSuccess && data.length === 0 && (
        <Text c="dimmed">
          {MEMBERSHIP.none}{' '}
          <Anchor component={Link} href="/segments/new">
            {MEMBERSHIP.create}
          </Anchor>
        </Text>
      )}
      <Stack gap="xs">
        <List segments={own} nameOf={nameOf} />
        {own.length > 0 && others.length > 0 && (
          <Text size="sm" c="dimmed" mt="xs">
            {MEMBERSHIP.others(others.length)}
          </Text>
        )}
        <List segments={others} nameOf={nameOf} />
      </Stack>
    </Section>
  );
}

function List({ segments, nameOf }: { segments: UserSegment[]; nameOf(slug: string): string }) {
  if (segments.length === 0) return null;
  return (
    <ul className="plain-list">
      {segments.map((segment) => (
        <SegmentLine key={segment.id} segment={segment} nameOf={nameOf} />
      ))}
    </ul>
  );
}

function SegmentLine({ segment, nameOf }: { segment: UserSegment; nameOf(slug: string): string }) {
  const [opened, setOpened] = useState(false);
  const { name, member } = segment;
  return (
    <li>
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <Anchor component={Link} href={segmentPath(segment)} className="one-line" title={name}>
          <bdi>{name}</bdi>
        </Anchor>
        <Group gap="xs" wrap="nowrap">
          <Status tone={member ? 'ok' : 'off'}>{member ? MEMBERSHIP.in : MEMBERSHIP.out}</Status>
          <Button
            variant="default"
            size="compact-sm"
            aria-expanded={opened}
            aria-label={MEMBERSHIP.why(name)}
            onClick={() => setOpened(!opened)}
          >
            {MEMBERSHIP.whyShort}
          </Button>
        </Group>
      </Group>
      {opened && <Why segment={segment} nameOf={nameOf} />}
    </li>
  );
}

function Why({ segment, nameOf }: { segment: UserSegment; nameOf(slug: string): string }) {
  const { vocabulary, error, retry } = useVocabulary();
  if (segment.explanation === null) {
    return (
      <Text size="sm" c="dimmed">
        {segment.member ? MEMBERSHIP.manualIn : MEMBERSHIP.manualOut}
      </Text>
    );
  }
  if (error !== null) return <Failed what={MEMBERSHIP.what} error={error} retry={retry} />;
  if (vocabulary === null) return <Loading rows={2} />;
  const explanation = segment.explanation as Explanation;
  return (
    <>
      {explanation.holds !== segment.member && <Text size="sm">{MEMBERSHIP.pending}</Text>}
      <Explained explanation={explanation} words={{ vocabulary, segmentName: nameOf }} />
    </>
  );
}
