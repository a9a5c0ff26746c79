import { Anchor, Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { Status } from '../../parts/data.tsx';
import { Folded } from '../../parts/folded.tsx';
import { Failed, Loading, Section } from '../../parts/page.tsx';
import { segmentPath } from '../../segments/data.ts';
import { useVocabulary } from '../../segments/vocabulary.ts';
import { MEMBERSHIP } from '../../texts/users.ts';
import { segmentsOfUserQuery, type UserSegment } from './data.ts';
import { Explained, type Explanation } from './explanation.tsx';

/** So many are shown at once; from more on, one can look for a segment. */
const MANY = 10;

/** The segments a user is in and those they are not in, each with why; of very many only the first, unless asked for. */
export function SegmentsSection({ userId }: { userId: string }) {
  const segments = useQuery(segmentsOfUserQuery(userId));
  const [wanted, setWanted] = useState('');
  const { data = [] } = segments;
  const isSearched = wanted.trim() !== '';
  const found = data.filter(({ name }) => name.toLowerCase().includes(wanted.trim().toLowerCase()));
  const own = found.filter(({ member }) => member);
  const others = found.filter(({ member }) => !member);
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
      {data.length > MANY && (
        <TextInput
          type="search"
          aria-label={MEMBERSHIP.find}
          placeholder={MEMBERSHIP.find}
          value={wanted}
          onChange={(event) => setWanted(event.currentTarget.value)}
          mb="xs"
        />
      )}
      {isSearched && found.length === 0 && <Text c="dimmed">{MEMBERSHIP.noneFound}</Text>}
      <Stack gap="xs">
        <List segments={own} nameOf={nameOf} />
        {others.length > MANY && !isSearched ? (
          <Folded label={MEMBERSHIP.others(others.length)}>
            <List segments={others} nameOf={nameOf} />
          </Folded>
        ) : (
          <>
            {own.length > 0 && others.length > 0 && (
              <Text size="sm" c="dimmed" mt="xs">
                {MEMBERSHIP.others(others.length)}
              </Text>
            )}
            <List segments={others} nameOf={nameOf} />
          </>
        )}
      </Stack>
    </Section>
  );
}

function List({ segments, nameOf }: { segments: UserSegment[]; nameOf(slug: string): string }) {
  const [all, setAll] = useState(false);
  if (segments.length === 0) return null;
  return (
    <>
      <ul className="plain-list">
        {(all ? segments : segments.slice(0, MANY)).map((segment) => (
          <SegmentLine key={segment.id} segment={segment} nameOf={nameOf} />
        ))}
      </ul>
      {segments.length > MANY && !all && (
        <Anchor component="button" type="button" size="sm" className="fold" onClick={() => setAll(true)}>
          {MEMBERSHIP.showAll(segments.length)}
        </Anchor>
      )}
    </>
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
