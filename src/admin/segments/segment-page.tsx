import { Box, Tabs, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useParams } from 'wouter';
import { useAddressParam } from '../address.ts';
import { plural } from '../format.ts';
import { Loading, PageHeader } from '../parts/page.tsx';
import { DETAIL, SEGMENTS } from '../texts/segments.ts';
import { segmentQuery } from './data.ts';
import { HistoryTab } from './history-tab.tsx';
import { MembersTab } from './members-tab.tsx';
import { NotLoaded } from './not-loaded.tsx';
import { RulesSection } from './rules-section.tsx';
import { SegmentActions } from './segment-actions.tsx';
import { SyncSection } from './sync-section.tsx';
import './segments.css';

/** One segment: who is in it and why, what Segment is told, and what happened. */
export default function Page() {
  const { slug = '' } = useParams();
  const query = useQuery(segmentQuery(slug));
  const [tab, setTab] = useAddressParam('tab');
  const segment = query.data;
  if (segment === undefined) {
    return query.isError ? (
      <NotLoaded error={query.error} retry={() => query.refetch()} />
    ) : (
      <Loading rows={8} />
    );
  }
  return (
    <>
      <PageHeader
        title={segment.name}
        lead={
          <>
            {`${SEGMENTS[segment.type]} · ${plural(segment.memberCount, 'person', 'people')}`}
            {segment.description !== null && (
              <Text span display="block" maw={720} style={{ overflowWrap: 'anywhere' }}>
                {segment.description}
              </Text>
            )}
          </>
        }
        action={<SegmentActions segment={segment} />}
      />
      <div className="segment-sections">
        <RulesSection segment={segment} />
        <SyncSection segment={segment} />
      </div>
      <Box mt="lg">
        <Tabs
          value={tab === 'history' ? 'history' : 'members'}
          onChange={(value) => setTab(value === 'history' ? 'history' : '')}
          keepMounted={false}
        >
          <Tabs.List mb="md">
            <Tabs.Tab value="members">{DETAIL.tabs.members}</Tabs.Tab>
            <Tabs.Tab value="history">{DETAIL.tabs.history}</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="members">
            <MembersTab segment={segment} />
          </Tabs.Panel>
          <Tabs.Panel value="history">
            <HistoryTab segment={segment} />
          </Tabs.Panel>
        </Tabs>
      </Box>
    </>
  );
}
