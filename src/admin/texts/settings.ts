import { formatCount, formatDuration, plural } from '../format.ts';

/** Settings → Integrations → Segment. */
export const SETTINGS = {
  title: 'Segment',
  lead: 'Keep user attributes and segment membership in step with Segment.',
  what: 'The Segment settings',
  receiving: 'Receiving',
  receivingSome: 'Receiving, some rejected',
  receivingOff: 'Receiving is off',
  receivingNothing: 'Not set up yet',
  sending: 'Sending',
  sendingSome: 'Sending, some refused',
  sendingOff: 'Sending is off',
  sendingPaused: 'Sending is paused',
  sendingLate: 'Sending is delayed',
  howTo: 'Set this up in Segment',
  save: 'Save',
  setAt: 'set',
  optionsOff: 'All off',

  inbound: {
    title: 'From Segment: user attributes in',
    url: 'Webhook URL',
    copyUrl: 'webhook URL',
    notPublic:
      'Segment can only reach a public https address. Whoever runs the service sets it as PUBLIC_URL.',
    lastEvent: 'Last event',
    noEvent: 'None yet. Send a test event, or follow “Set this up in Segment”.',
    event: 'event',
    batchOf: (n: number) => `batch of ${plural(n, 'event', 'events')}`,
    from: 'for',
    lastHour: 'Last hour',
    nothing: 'Nothing came.',
    applied: 'applied',
    ignored: 'ignored',
    rejected: 'rejected',
    why: 'why?',
    options: 'Options',
  },

  receive: {
    label: 'Receive events',
    off: 'Stop receiving',
    offTitle: 'Stop receiving from Segment?',
    offText:
      'The webhook answers 503, so Segment keeps the events and tries again for up to 4 hours. Events that find it off for longer are lost.',
    offAction: 'Stop receiving',
    isOn: 'Receiving is on. Segment sends again what it has kept.',
    isOff: 'Receiving is off. Segment tries again for up to 4 hours.',
  },

  secret: {
    label: 'Shared secret',
    none: 'None yet. Events are refused until there is one.',
    generate: 'Generate a secret',
    rotate: 'Rotate…',
    own: 'Enter my own…',
    previous: (hint: string, left: string) => `Previous secret ${hint} is also accepted for ${left}`,
    rotateTitle: 'Rotate the shared secret?',
    rotateText: (hint: string) =>
      `A new secret is made and shown once. The current one, ${hint}, is accepted for another 24 hours: enter the new one in Segment within that time, and no event is lost.`,
    rotateEarlier: (hint: string) => `The previous secret, ${hint}, stops being accepted at once.`,
    rotateAction: 'Make a new secret',
    shownOnce: 'Copy the new secret now. It is not shown again.',
    copySecret: 'shared secret',
    stored: 'I have stored it',
    ownTitle: 'Enter a shared secret',
    ownLabel: 'New shared secret',
    ownHelp: 'At least 16 characters: the same text as in Segment.',
    ownShort: 'A secret has at least 16 characters.',
    ownReplaces: (hint: string) =>
      `It replaces ${hint} at once. Events signed with the old secret are rejected from this moment, and Segment does not send those again. To lose nothing, rotate instead.`,
    ownAction: 'Save the secret',
    ownReplace: 'Replace at once',
    ownSaved: 'Saved. From now on events must be signed with this secret.',
    left: (ms: number) => {
      const minutes = Math.ceil(ms / 60_000);
      if (minutes <= 1) return formatDuration(ms);
      return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
    },
  },

  options: {
    createUsers: 'Create missing users',
    createUsersText:
      'An identify with an email nobody has yet creates that user. Otherwise it is ignored as “no user with this email”.',
    deleteUsers: 'Honour deletions',
    deleteUsersText:
      'When Segment forwards a privacy deletion, the linked user is deleted here, with all attributes and memberships. This can’t be undone.',
    firstEvent: 'Accept signatures of the first event only',
    firstEventText:
      'Segment signs only the first event of a batch. The rest of such a batch is not protected: whoever has seen one signed event can add others to it. Safer: switch batching off in Segment.',
    on: 'Switch on',
    firstEventTitle: 'Accept batches that are signed in part?',
    firstEventRisk:
      'Anyone who gets hold of a single signed event can send batches that change the attributes of any user, and so who is in which segment. Only the first event of a batch is checked. Do this only where batching can’t be switched off in Segment.',
    deleteTitle: 'Delete users when Segment asks for it?',
    deleteRisk:
      'Every privacy deletion that Segment sends from now on deletes the linked user here, for good.',
    saved: (what: string, on: boolean) => `${what}: ${on ? 'on' : 'off'} from the next event on.`,
  },

  testInbound: {
    button: 'Send a test event',
    title: 'Send a test event',
    text: 'A signed identify takes the way Segment’s events take, through the webhook URL, and every stretch of it is checked. It changes no user.',
    email: 'Email of a user (optional)',
    emailHelp: 'Says, too, whether an event for this address would find a user.',
    action: 'Send',
    ok: (ms: string) => `It arrived, in ${ms}.`,
    failed: 'It did not arrive as it should.',
    loopback:
      'PUBLIC_URL is not set, so this took a way within this machine. It does not show that Segment can reach the service.',
    hops: 'The way of the event',
  },
  hops: {
    address: 'Name and address',
    connection: 'Connection',
    tls: 'Encryption',
    answer: 'Answer',
    body: 'Body',
    signature: 'Signature',
    outcome: 'Outcome',
    user: 'User',
  } as Record<string, string>,
  hopStates: { ok: 'fine', warning: 'look', error: 'failed', skipped: 'skipped' },

  outbound: {
    title: 'To Segment: segment membership out',
    sync: 'Outbound sync',
    syncText: 'Joins and leaves are told to Segment as traits, within a second.',
    needsKey: 'Set a write key first.',
    onTitle: 'Switch outbound sync on?',
    onAction: 'Switch on',
    onNothing:
      'There is nothing to send right now. From now on every join and leave is told within a second.',
    onDone: (updates: number) =>
      updates === 0
        ? 'Outbound sync is on. Joins and leaves are told within a second.'
        : `Outbound sync is on. ${plural(updates, 'update is', 'updates are')} on the way to Segment.`,
    offTitle: 'Switch outbound sync off?',
    offText:
      'Segment keeps what it was told, and hears nothing new. Nothing is lost: what changes meanwhile is told when sync is switched on again.',
    offAction: 'Switch off',
    offDone: 'Outbound sync is off. Changes wait until it is on again.',
    writeKey: 'Write key',
    noKey: 'None yet.',
    enterKey: 'Enter a write key…',
    replaceKey: 'Replace…',
    removeKey: 'Remove',
    keyTitle: 'Enter the write key',
    keyLabel: 'Write key of the source',
    keyHelp: 'In Segment: Connections → Sources → your HTTP API source → Settings → API Keys.',
    keyAction: 'Save the key',
    keyRefused: 'A write key has no spaces.',
    keySaved: 'Saved. Send a test identify to see whether Segment knows the key.',
    keyResends: 'Another key is another source, which knows nothing yet: everything is sent again.',
    removeTitle: 'Remove the write key?',
    removeText: (hint: string) =>
      `${hint} is forgotten and outbound sync is switched off. Segment keeps what it was told.`,
    removeAction: 'Remove the key',
    removed: 'The write key is removed and outbound sync is off.',
    region: 'Region',
    us: 'US',
    eu: 'EU (Dublin)',
    regionTitle: (region: string) => `Change the region to ${region}?`,
    regionText:
      'Another region is another workspace, which knows nothing yet: everything is sent again, to the new region. Choose the region your workspace is in: Segment does not say when it is the wrong one.',
    regionAction: 'Change the region',
    regionSaved: 'Saved. From now on calls go to the new region.',
    identifyAs: 'Identify as',
    byEmail: 'Email',
    byEmailText: 'Each person is their email at Segment. Works for everybody.',
    byId: 'Segment user id',
    byIdText:
      'Each person is the userId Segment last sent with their email, so traits land on the profile your product uses. People without one go by their email.',
    identifyTitle: (way: string) => `Identify people by ${way}?`,
    identifyText:
      'Profiles with another id are other profiles to Segment. For people whose id changes, every trait told so far is set to false under the old id, and then told under the new one. Profiles themselves are never deleted.',
    identifyAction: 'Change the id',
    identifySaved: 'Saved. Old ids are taken back first, then the new ones are told.',
    rate: 'Rate',
    rateUnit: 'identify calls a second at most',
    rateHelp: 'Segment recommends 1,000 for a workspace with Engage.',
    noLimit: 'No limit',
    rateBad: 'A whole number from 1 to 100,000',
    rateSaved: (n: number | null) =>
      n === null ? 'Saved. There is no limit now.' : `Saved. At most ${formatCount(n)} a second from now on.`,
  },

  now: {
    label: 'Now',
    off: 'off',
    idle: 'idle',
    syncing: 'sending',
    backing_off: 'waiting to try again',
    paused: 'paused: Segment refused the write key',
    pending: (n: number) => `${formatCount(n)} pending`,
    parked: (n: number) => `${formatCount(n)} parked`,
    handedOver: 'last handed over',
    nothing: 'nothing handed over yet',
    detail: (events: number, status: number | null, latency: string) =>
      `${plural(events, 'event', 'events')}, ${status ?? 'no answer'} in ${latency}`,
    lastError: 'Last problem',
    parkedText: 'Segment refused these for good. Nothing happens to them by itself.',
    retry: 'Retry parked',
    retried: (n: number) => `${plural(n, 'update is', 'updates are')} tried again.`,
  },

  resend: {
    button: 'Resend everything…',
    title: 'Resend everything?',
    text: 'Segment hears once more who is in each synced segment, and who has left it. Needed only when Segment, or a destination behind it, has lost what it had.',
    action: 'Resend everything',
    needsSync: 'Sync is off, so this waits until it is switched on.',
    done: (n: number) => `${plural(n, 'segment is', 'segments are')} sent again.`,
  },

  outlook: {
    counting: 'Counting what will be sent…',
    failed: 'What will be sent could not be counted.',
    nothing: 'There is nothing to send.',
    about: (updates: number, segments: number) =>
      `Segment will be told ${plural(updates, 'update', 'updates')} in ${plural(segments, 'segment', 'segments')}`,
    estimate: 'about ',
    calls: (calls: number, seconds: number | null, rate: number | null) =>
      `${plural(calls, 'identify call', 'identify calls')}${
        seconds === null || rate === null
          ? ''
          : `, about ${formatDuration(seconds * 1000)} at ${formatCount(rate)} a second`
      }.`,
    retracted: 'Taken back (set to false) under ids given up',
    estimated: 'There are very many users, so this is an estimate.',
    changing: 'Segments are being worked on; the numbers still change.',
    more: (n: number) => `and ${plural(n, 'more segment', 'more segments')}`,
  },

  testOutbound: {
    button: 'Send a test identify',
    title: 'Send a test identify',
    text: 'Sends one identify without traits and shows how Segment answers. Works while sync is off.',
    user: 'User id to identify',
    userHelp: 'An email or user id that you will recognise in Segment.',
    action: 'Send',
    taken: (status: number | null, ms: string) => `Handed over: ${status ?? 'no answer'} in ${ms}.`,
    failed: (status: number | null) => `Not taken: ${status ?? 'no answer'}.`,
  },

  steps: {
    inboundTitle: 'In Segment, for user attributes in',
    outboundTitle: 'In Segment, for memberships out',
    close: 'Hide these steps',
    secretHidden: (hint: string) => `the secret that ends in ${hint} (rotate it to see a new one)`,
    secretNone: 'Generate a shared secret here first; it is then shown in this place to copy.',
    in: {
      destination: 'Open Connections → Destinations → Add destination, and choose Webhooks (Actions).',
      source: 'Choose the source whose identify calls carry the attributes, then give it a name.',
      secret: 'Under Settings, paste the Shared Secret:',
      mapping: 'Under Mappings, add “Send”, with the event trigger: Event Type is Identify.',
      url: 'As URL, paste:',
      batch: 'Leave method POST and data $event as they are, and batching off.',
      enable: 'Enable the mapping and the destination.',
      test: 'Send a test event from Segment’s Event Tester. It shows up here under Last event.',
    },
    out: {
      source: 'Open Connections → Sources → Add source, and choose HTTP API.',
      key: 'Open its Settings → API Keys, copy the Write Key, and enter it here.',
      region: 'Choose the region your workspace is in: Settings → Workspace Settings → Data Region.',
      unify: 'Connect the source to the destinations that need the memberships, or to a Unify space.',
      test: 'Send a test identify. It shows up in the source’s Debugger within seconds.',
      sync: 'Switch outbound sync on.',
      trait: 'Each segment is a boolean trait of its own: true for members, false after they leave.',
    },
  },
} as const;
