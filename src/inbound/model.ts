/** The webhook in OpenAPI: its body is verified as bytes, so the schema documents it and nothing more. */
const example = {
  type: 'identify',
  userId: 'user-1',
  messageId: 'ajs-next-001',
  timestamp: '2026-03-01T12:00:00.000Z',
  traits: { email: 'user@example.com', plan: 'enterprise' },
};
const event = {
  type: 'object' as const,
  required: ['type'],
  properties: {
    type: {
      type: 'string' as const,
      description: 'Only "identify" is applied (and "delete", where switched on)',
    },
    userId: { type: 'string' as const },
    messageId: { type: 'string' as const },
    timestamp: { type: 'string' as const, format: 'date-time' },
    traits: { type: 'object' as const, additionalProperties: true },
  },
};

export const WebhookBody = {
  required: true,
  content: {
    'application/json': {
      schema: { oneOf: [event, { type: 'array' as const, maxItems: 4000, items: event }] },
      example,
    },
  },
};

const answer = (description: string, examples: Record<string, object>) => ({
  description,
  content: {
    'application/json': {
      schema: {
        type: 'object' as const,
        required: ['reason', 'message'],
        properties: {
          reason: { type: 'string' as const, description: 'Machine-readable' },
          message: { type: 'string' as const },
          results: {
            type: 'object' as const,
            additionalProperties: { type: 'integer' as const },
            description: 'For a batch: how many events ended with each reason',
          },
        },
      },
      examples: Object.fromEntries(Object.entries(examples).map(([name, value]) => [name, { value }])),
    },
  },
});

export const WebhookAnswer = {
  200: answer('Applied or ignored', {
    applied: { reason: 'applied', message: 'The traits were merged into the user' },
    batch: { reason: 'batch', message: '3 events', results: { applied: 2, not_identify: 1 } },
  }),
  400: answer('Not JSON, or not an event', {
    invalid_json: { reason: 'invalid_json', message: 'The body is not JSON' },
  }),
  401: answer('Signature missing or wrong', {
    bad_signature: { reason: 'bad_signature', message: 'X-Signature is not …' },
  }),
  413: answer('Body too large', { too_large: { reason: 'too_large', message: 'The body is larger than …' } }),
  503: answer('Not now: Segment keeps the event and retries', {
    no_shared_secret: { reason: 'no_shared_secret', message: 'No shared secret is set yet …' },
    overloaded: { reason: 'overloaded', message: 'Too many events are waiting …' },
  }),
};
