import {
  ActionIcon,
  AppShell,
  Burger,
  Group,
  Modal,
  NavLink,
  ScrollArea,
  Stack,
  Text,
  UnstyledButton,
  useComputedColorScheme,
  useMantineColorScheme,
  VisuallyHidden,
} from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect } from 'react';
import { Link, useLocation } from 'wouter';
import { authCall } from './api.ts';
import { formatCount } from './format.ts';
import { KeyboardHelp, useShortcuts } from './keyboard.tsx';
import { leaveBy, useIsAsked } from './leaving.ts';
import { Status } from './parts/data.tsx';
import { MoonIcon, OutIcon, SunIcon } from './parts/icons.tsx';
import { LeaveQuestion } from './parts/leave-question.tsx';
import { segmentSettingsQuery, segmentsQuery, summaryQuery, userTotalQuery } from './queries.ts';
import { useMe } from './session.tsx';
import { beginAnew } from './sign-in/signed-out.ts';
import { COMMON } from './texts/common.ts';
import { FRAME } from './texts/frame.ts';

/** Navigation beside the page. */
export function Frame({ children }: { children: ReactNode }) {
  const [opened, menu] = useDisclosure();
  const [helpOpened, help] = useDisclosure();
  useShortcuts(help.toggle);
  const [path] = useLocation();
  const asked = useIsAsked();
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new page closes the menu of a phone, and so does the question whether to stay on the one below it
  useEffect(menu.close, [path, asked]);

  return (
    // Where the question whether to leave comes above a dialog, Escape answers the question alone.
    <Modal.Stack>
      <AppShell
        header={{ height: { base: 48, sm: 0 } }}
        navbar={{ width: 232, breakpoint: 'sm', collapsed: { mobile: !opened } }}
        padding="lg"
      >
        <a className="skip-link" href="#content">
          {FRAME.skip}
        </a>
        <AppShell.Header hiddenFrom="sm">
          <Group h="100%" px="md">
            <Burger opened={opened} onClick={menu.toggle} size="sm" aria-label={FRAME.menu} />
            <Text fw={600}>{COMMON.product}</Text>
          </Group>
        </AppShell.Header>
        <AppShell.Navbar p="sm" aria-label={FRAME.navigation} data-opened={opened || undefined}>
          <Text fw={600} px="sm" py="xs" visibleFrom="sm">
            {COMMON.product}
          </Text>
          <AppShell.Section grow component={ScrollArea}>
            <Navigation />
          </AppShell.Section>
          <AppShell.Section>
            <AccountCorner />
          </AppShell.Section>
        </AppShell.Navbar>
        <AppShell.Main id="content" tabIndex={-1}>
          {children}
          {/* Where lists of options open (theme.ts): behind the page, and yet a part of its content. */}
          <div id="option-lists" />
        </AppShell.Main>
        <KeyboardHelp opened={helpOpened} onClose={help.close} />
      </AppShell>
      <LeaveQuestion />
    </Modal.Stack>
  );
}

function Navigation() {
  const users = useQuery(userTotalQuery).data;
  const segments = useQuery(segmentsQuery).data;
  const rejected = useRejected();
  return (
    <Stack gap={2}>
      <Item href="/" label={FRAME.overview} />
      <Item href="/users" label={FRAME.users} note={users === undefined ? null : formatCount(users)} />
      <Item
        href="/segments"
        label={FRAME.segments}
        note={segments === undefined ? null : formatCount(segments.length)}
      />
      <Item
        href="/activity"
        label={FRAME.activity}
        note={
          rejected === 0 ? null : (
            <Status tone="look">
              {formatCount(rejected)}
              <VisuallyHidden> {FRAME.rejected('')}</VisuallyHidden>
            </Status>
          )
        }
      />
      <Text className="nav-note" px="sm" pt="md" pb={4}>
        {FRAME.settings}
      </Text>
      <Item href="/settings/integrations/segment" label={FRAME.integration} note={<SegmentState />} />
      <Item href="/settings/api-keys" label={FRAME.apiKeys} />
      <Item href="/settings/admins" label={FRAME.admins} />
      <Item href="/settings/audit" label={FRAME.audit} />
      <NavLink
        component="a"
        href="/swagger"
        target="_blank"
        label={FRAME.apiDocs}
        rightSection={<OutIcon />}
        mt="md"
      />
    </Stack>
  );
}

function Item({ href, label, note = null }: { href: string; label: string; note?: ReactNode }) {
  const [path] = useLocation();
  const active = href === '/' ? path === '/' : path === href || path.startsWith(`${href}/`);
  return (
    <NavLink
      component={Link}
      href={href}
      label={label}
      active={active}
      aria-current={active ? 'page' : undefined}
      rightSection={note === null ? null : <span className="nav-note">{note}</span>}
    />
  );
}

/** Events of the last hour that were refused. */
function useRejected(): number {
  const summary = useQuery(summaryQuery(1, 'hour')).data;
  const refused = ['bad_signature', 'missing_signature', 'first_event_signature_refused', 'invalid_json'];
  return refused.reduce((sum, reason) => sum + (summary?.inbound[reason] ?? 0), 0);
}

function SegmentState() {
  const settings = useQuery(segmentSettingsQuery).data;
  if (settings === undefined) return null;
  const { inbound, outbound } = settings;
  if (outbound.status === 'paused' || outbound.parked > 0) {
    return <Status tone="bad">{FRAME.needsLook}</Status>;
  }
  const on = (inbound.enabled && inbound.sharedSecrets.length > 0) || outbound.enabled;
  return <Status tone={on ? 'ok' : 'off'}>{on ? FRAME.live : FRAME.off}</Status>;
}

function AccountCorner() {
  const me = useMe();
  const queries = useQueryClient();
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme('light') === 'dark';
  const signOut = async () => {
    await authCall('/sign-out', {});
    beginAnew(queries);
  };
  return (
    <Stack gap={4}>
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <NavLink
          component={Link}
          href="/account"
          label={me.email ?? me.name}
          description={FRAME.account}
          styles={{ label: { overflow: 'hidden', textOverflow: 'ellipsis' }, body: { minWidth: 0 } }}
        />
        <ActionIcon
          variant="subtle"
          color="gray"
          onClick={() => setColorScheme(dark ? 'light' : 'dark')}
          aria-label={dark ? FRAME.light : FRAME.dark}
        >
          {dark ? <SunIcon /> : <MoonIcon />}
        </ActionIcon>
      </Group>
      <UnstyledButton px="sm" py={4} fz="sm" onClick={() => leaveBy(signOut)}>
        {FRAME.signOut}
      </UnstyledButton>
    </Stack>
  );
}
