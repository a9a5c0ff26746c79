import { Elysia, t } from 'elysia';
import { api, errorResponses } from '../http/api.ts';
import type { InvitationRecord } from '../store/account-store.ts';
import type { Gate } from './gate.ts';
import { acceptUrl, type Invitations } from './invitations.ts';
import {
  AcceptAnswer,
  AcceptBody,
  CheckAnswer,
  CheckBody,
  IdParams,
  InvitationAnswer,
  InvitationBody,
  InvitationList,
} from './model.ts';
import { nameOf } from './principal.ts';

export interface InvitationDeps {
  invitations: Invitations;
  gate: Gate;
  /** Address under which the service is reached, without a slash at its end. */
  publicUrl(): string;
  now(): number;
}

/** Links by which an account is made. */
export function invitationRoutes({ invitations, gate, publicUrl, now }: InvitationDeps) {
  const view = ({ createdAt, expiresAt, ...rest }: InvitationRecord) => ({
    ...rest,
    createdAt: new Date(createdAt).toISOString(),
    expiresAt: new Date(expiresAt).toISOString(),
    expired: expiresAt <= now(),
  });

  return new Elysia({ prefix: '/invitations', tags: ['Accounts'] })
    .use(api)
    .get('', async () => ({ data: (await invitations.list()).map(view) }), {
      response: { 200: InvitationList, ...errorResponses(401, 403) },
      detail: { summary: 'List invitations', description: 'Those that nobody has accepted yet.' },
    })
    .post(
      '',
      async ({ body: { role, email = null }, request, status }) => {
        const by = nameOf(gate.visitorOf(request).principal);
        const { invitation, token } = await invitations.invite(role, email, by);
        return status(201, { data: { ...view(invitation), url: acceptUrl(publicUrl(), token) } });
      },
      {
        body: InvitationBody,
        response: { 201: InvitationAnswer, ...errorResponses(400, 401, 403, 409, 413, 415, 422, 503) },
        detail: {
          summary: 'Invite somebody',
          description:
            'Makes a link, good once and for seven days, by which somebody makes their own account. The link is in this answer and nowhere else; send it yourself. With an email it is for that email alone.',
        },
      },
    )
    .delete(
      '/:id',
      async ({ params, set }) => {
        await invitations.withdraw(params.id);
        set.status = 204;
      },
      {
        params: IdParams,
        response: { 204: t.Void({ description: 'Withdrawn' }), ...errorResponses(401, 403, 404, 503) },
        detail: { summary: 'Withdraw an invitation', description: 'Its link stops working.' },
      },
    )
    .post(
      '/check',
      async ({ body }) => {
        const { role, email, createdBy, expiresAt } = await invitations.check(body.token);
        const until = new Date(expiresAt).toISOString();
        return { data: { role, email, setUp: createdBy === null, expiresAt: until } };
      },
      {
        body: CheckBody,
        response: { 200: CheckAnswer, ...errorResponses(400, 409, 413, 415, 422, 429, 503) },
        detail: {
          summary: 'Check an invitation',
          description: 'What the token of a link is good for; 409 says why it is good for nothing.',
          security: [],
        },
      },
    )
    .post(
      '/accept',
      async ({ body: { token, name, email, password }, status }) => {
        const admin = await invitations.accept({ token, name: name.trim(), email, password });
        return status(201, { data: { email: admin.email, role: admin.role } });
      },
      {
        body: AcceptBody,
        response: { 201: AcceptAnswer, ...errorResponses(400, 409, 413, 415, 422, 429, 503) },
        detail: {
          summary: 'Accept an invitation',
          description: 'Makes the account. Sign in with it afterwards.',
          security: [],
        },
      },
    );
}
