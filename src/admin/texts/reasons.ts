/** What can become of an event, in a few words each; the service's own messages say more. */
export const REASONS: Record<string, string> = {
  applied: 'applied',
  created: 'user created',
  unchanged: 'nothing new',
  deleted: 'user deleted',
  no_match: 'no user with this email',
  no_email: 'no email in the event',
  not_identify: 'not an identify',
  echo: 'our own event, or a test',
  batch: 'a batch',
  invalid_email: 'email is not an address',
  invalid_timestamp: 'timestamp is not a date',
  invalid_event: 'not an event',
  too_deep: 'attribute nests too deeply',
  too_many_attributes: 'too many attributes',
  user_too_large: 'user would be too large',
  inbound_off: 'receiving was off',
  no_shared_secret: 'no shared secret was set',
  missing_signature: 'not signed',
  bad_signature: 'signed with another secret',
  first_event_signature_refused: 'batch signed over its first event only',
  invalid_json: 'not JSON',
  too_many_events: 'too many events in a batch',
  too_large: 'body too large',
  incomplete: 'broken off on the way',
  overloaded: 'too busy',
  store_failed: 'database was not available',
};

/** How a call of Segment can end. */
export const OUTCOMES: Record<string, string> = {
  taken: 'handed over',
  split: 'split to find the refused one',
  parked: 'refused and parked',
  unauthorised: 'write key refused',
  retry: 'will be sent again',
};
