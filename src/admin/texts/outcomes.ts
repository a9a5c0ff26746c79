/** What became of a delivery, before the reason. */
export const OUTCOME = {
  applied: 'Traits applied',
  ignored: (reason: string) => `Ignored: ${reason}`,
  putOff: (reason: string) => `Put off: ${reason}`,
  rejected: (reason: string) => `Rejected: ${reason}`,
  told: 'told Segment',
} as const;

/** What the end of a call means and what to do; of deliveries the service itself says that. */
export const ADVICE: Record<string, string> = {
  taken:
    'Segment took it. Whether it also reached your destinations is for Segment to say: look at Event Delivery there.',
  split:
    'Segment refused the batch without saying which event it disliked, so it is sent again in halves until that one is alone. Nothing to do.',
  parked:
    'Segment refused this event on its own, so it was set aside and the others went on. Read what Segment answered, mend the cause (often a user id Segment does not accept), then retry.',
  unauthorised:
    'Segment does not know the write key, so sending has paused. Enter the write key of the right source, and its region, in the settings; nothing is lost meanwhile.',
  retry:
    'Segment, or the way there, did not work at that moment. The same is sent again by itself, after a growing pause. Nothing to do unless it goes on for long.',
};
