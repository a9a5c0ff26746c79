import { Anchor, SimpleGrid, Stack } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { PageHeader } from '../parts/page.tsx';
import { segmentSettingsQuery, segmentsQuery, userTotalQuery } from '../queries.ts';
import { rejections } from '../reasons.ts';
import { OVERVIEW } from '../texts/overview.ts';
import { Charts } from './charts.tsx';
import { Checklist } from './checklist.tsx';
import { everQuery, lastHourQuery } from './data.ts';
import { findProblems } from './find-problems.ts';
import { Latest } from './latest.tsx';
import { Problems } from './problems.tsx';
import { Queried } from './queried.tsx';
import { RightNow } from './right-now.tsx';
import { Segments } from './segments.tsx';
import { setUpSteps } from './set-up.ts';

/** The first page: what is left to set up, then what needs a look, then what happened. */
export default function Page() {
  return (
    <div className="wide-column">
      <PageHeader title={OVERVIEW.title} lead={OVERVIEW.lead} />
      <Stack gap="lg">
        <First />
        <Charts />
        <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
          <Segments />
          <Latest />
        </SimpleGrid>
      </Stack>
    </div>
  );
}

/** The checklist until it is done, or hidden; problems and the state of things. */
function First() {
  const queries = {
    settings: useQuery(segmentSettingsQuery),
    ever: useQuery(everQuery),
    hour: useQuery(lastHourQuery),
    users: useQuery(userTotalQuery),
    segments: useQuery(segmentsQuery),
  };
  const all = Object.values(queries);
  const [hidden, setHidden] = useLocalStorage({
    key: 'set-up hidden',
    defaultValue: false,
    getInitialValueInEffect: false,
  });
  const { settings, ever, hour, users, segments } = queries;
  const together = {
    isPending: all.some(({ isPending }) => isPending),
    error: all.find(({ error, data }) => error !== null && data === undefined)?.error ?? null,
    refetch: () => {
      for (const one of all) if (one.data === undefined) one.refetch();
    },
    data:
      settings.data && ever.data && hour.data && users.data !== undefined && segments.data
        ? {
            settings: settings.data,
            ever: ever.data,
            hour: hour.data,
            users: users.data,
            segments: segments.data.length,
          }
        : undefined,
  };
  return (
    <Queried query={together} rows={6} framed={OVERVIEW.setUp.waiting}>
      {(facts) => {
        const steps = setUpSteps(facts);
        const open = steps.some(({ done }) => !done);
        const started = steps.some(({ done }) => done);
        const problems = findProblems(facts.settings, facts.hour, Date.now());
        return (
          <>
            {open && !hidden && (
              <Checklist
                steps={steps}
                rejected={rejections(facts.ever.inbound).length > 0}
                onHide={() => setHidden(true)}
              />
            )}
            {(problems.length > 0 || !open || hidden) && <Problems problems={problems} />}
            {started && <RightNow settings={facts.settings} hour={facts.hour} />}
            {open && hidden && (
              <Anchor component="button" type="button" fz="sm" ta="start" onClick={() => setHidden(false)}>
                {OVERVIEW.setUp.show}
              </Anchor>
            )}
          </>
        );
      }}
    </Queried>
  );
}
