import type { InferSelectModel } from 'drizzle-orm';
import type { users } from '../../../db/schema.ts';
import type { Attributes, JsonObject } from '../../users/attributes.ts';
import type { UserRecord } from '../../users/user.ts';

export type UserRow = InferSelectModel<typeof users>;

export function userFromRow(row: UserRow): UserRecord {
  const { attributes, clock, clocks, ...rest } = row;
  return {
    ...rest,
    attributes: {
      values: JSON.parse(attributes) as JsonObject,
      clock,
      exceptions: clocks === null ? null : (JSON.parse(clocks) as Record<string, number>),
    },
  };
}

/** The columns that hold attributes; `json` is their text where it is at hand already. */
export function attributeColumns(attributes: Attributes, json: string | null) {
  return {
    attributes: json ?? JSON.stringify(attributes.values),
    clock: attributes.clock,
    clocks: attributes.exceptions === null ? null : JSON.stringify(attributes.exceptions),
  };
}
