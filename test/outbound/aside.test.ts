import { beforeEach, expect, test } from 'bun:test';
import { createAside } from '../../src/outbound/aside.ts';

let now: number;
let aside: ReturnType<typeof createAside>;
beforeEach(() => {
  now = 1_000_000;
  aside = createAside(
    () => now,
    (failures) => failures * 1000,
  );
});
const fail = (id: string, times: number) => Array.from({ length: times }, () => aside.failed(id));

test('three failures in a row set an id aside, and each more lengthens its wait', () => {
  expect(fail('ada', 3)).toEqual([false, false, true]);
  expect([aside.ids(), aside.waiting(), aside.waitMs()]).toEqual([['ada'], ['ada'], 3000]);
  now += 2999;
  expect([aside.waiting(), aside.waitMs()]).toEqual([['ada'], 1]);
  now += 1;
  expect([aside.ids(), aside.waiting(), aside.waitMs()]).toEqual([['ada'], [], 0]);
  // It is aside already, so this is no news.
  expect(aside.failed('ada')).toBe(false);
  expect(aside.waitMs()).toBe(4000);
});

test('failures at others in between are not in a row', () => {
  for (const id of ['ada', 'bob', 'ada', 'ada', 'bob', 'ada']) expect(aside.failed(id)).toBe(false);
  expect(aside.waitMs()).toBeNull();
});

test('what was taken begins anew', () => {
  fail('ada', 3);
  aside.forget(['ada', 'bob']);
  expect([aside.ids(), aside.waitMs()]).toEqual([[], null]);
  expect(aside.has('ada')).toBe(false);
});

test('a clock that is set back ends the wait', () => {
  fail('ada', 3);
  now -= 1;
  expect([aside.waiting(), aside.waitMs()]).toEqual([[], 0]);
});

test('no more than ten are aside: the eleventh takes the place of the one that failed longest ago', () => {
  const ids = Array.from({ length: 11 }, (_, i) => `user-${i}`);
  for (const id of ids) fail(id, 3);
  expect(aside.ids()).toEqual(ids.slice(1));
});
