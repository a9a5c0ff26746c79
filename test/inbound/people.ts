import type { TestService } from '../helpers/service.ts';

/** Creates a user through the API and answers the id. */
export async function addUser(t: TestService, email: string, rest: object = {}): Promise<string> {
  const { status, body } = await t.api('POST', '/api/v1/users/identify', { email, ...rest });
  if (status !== 201) throw new Error(`${email} was not created: ${JSON.stringify(body)}`);
  return body.data.id;
}

/** The user as the API shows it. */
export const showUser = async (t: TestService, id: string) =>
  (await t.api('GET', `/api/v1/users/${id}`)).body.data;

/** How many users there are. */
export const countUsers = async (t: TestService): Promise<number> =>
  (await t.api('GET', '/api/v1/users')).body.meta.pagination.total;
