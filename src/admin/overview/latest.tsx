import { Anchor, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { Outcome } from '../activity/outcome.tsx';
import { whoOf, wordsOf } from '../activity/words.ts';
import { Ago } from '../parts/data.tsx';
import { Empty, Section } from '../parts/page.tsx';
import { segmentsQuery } from '../queries.ts';
import { activityLink } from '../reasons.ts';
import { OVERVIEW } from '../texts/overview.ts';
import { latestQuery } from './data.ts';
import { Queried } from './queried.tsx';

const TEXT = OVERVIEW.latest;

/** What happened last, both directions together. */
export function Latest() {
  const latest = useQuery(latestQuery);
  const segments = useQuery(segmentsQuery).data ?? [];
  const names = new Map(segments.map(({ traitKey, name }) => [traitKey, name]));
  return (
    <Section
      title={TEXT.title}
      aside={
        <Anchor component={Link} fz="sm" href="/activity">
          {TEXT.all}
        </Anchor>
      }
    >
      <Queried query={latest} rows={6}>
        {(entries) =>
          entries.length === 0 ? (
            <Empty title={TEXT.none} text={TEXT.noneText} />
          ) : (
            <ul className="latest">
              {entries.map((entry) => {
                const { tone, text } = wordsOf(entry, names);
                return (
                  <li key={entry.key}>
                    <div className="latest-head">
                      <Anchor component={Link} href={activityLink({ open: entry.key })}>
                        {whoOf(entry)}
                      </Anchor>
                      <Text span fz="sm" c="dimmed" className="latest-when">
                        {entry.direction === 'in' ? TEXT.in : TEXT.out} · <Ago at={entry.at} />
                      </Text>
                    </div>
                    <Text fz="sm">
                      <Outcome tone={tone}>{text}</Outcome>
                    </Text>
                  </li>
                );
              })}
            </ul>
          )
        }
      </Queried>
    </Section>
  );
}
