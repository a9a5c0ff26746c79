import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import type { Locator, Page } from 'playwright-core';
import { invite } from '../helpers/accounts.ts';
import { API_KEY, startTestService, type TestService } from '../helpers/service.ts';
import { accessibilityProblems, describeInBrowser, openPage, screenshot } from './browser.ts';

const SEGMENTS = '/api/v1/segments';
const HOSTILE = '<img src=x onerror=alert(1)>';

describeInBrowser('Segments', ({ browser }) => {
  let t: TestService;
  let page: Page;
  let finish: () => Promise<void>;
  beforeEach(async () => {
    t = await startTestService();
    const people = Array.from({ length: 120 }, (_, i) =>
      JSON.stringify({
        email: `u${i}@example.com`,
        name: i === 7 ? HOSTILE : `Person ${i}`,
        attributes: {
          plan: i < 20 ? 'enterprise' : i < 60 ? 'pro' : 'free',
          company: { employees: i, name: i === 7 ? HOSTILE : 'Acme' },
          beta: i % 2 === 0,
          trialEnds: '2026-01-31T10:00:00.000Z',
        },
      }),
    );
    await t.api('POST', '/api/v1/users/import', people.join('\n'), {
      'content-type': 'application/x-ndjson',
    });
    ({ page, finish } = await openPage(browser(), {
      extraHTTPHeaders: { authorization: `Bearer ${API_KEY}` },
    }));
  });
  afterEach(async () => {
    await finish();
    await t.stop();
  });

  const open = (path: string) => page.goto(`${t.url}/admin${path}`);
  const data = async (path: string) => (await t.api('GET', path)).body.data;
  const button = (name: string | RegExp, within: Page | Locator = page) =>
    within.getByRole('button', typeof name === 'string' ? { name, exact: true } : { name });
  const field = (name: string, within: Page | Locator = page) =>
    within.getByRole('textbox', { name, exact: true });
  const says = (text: string | RegExp) => page.getByText(text).first().waitFor();
  const condition = (place: string) => page.getByRole('group', { name: `Condition ${place}`, exact: true });
  const counted = (text: string) => page.locator('[data-fresh=true]', { hasText: text }).waitFor();
  const manual = (name: string) => t.api('POST', SEGMENTS, { name, type: 'manual' });

  /** Chooses what a condition is about, by a part of its name. */
  async function choose(place: string, name: string) {
    await button(/^(Choose an attribute|Attribute: )/, condition(place)).click();
    await page.getByRole('combobox', { name: 'Search attributes' }).fill(name);
    await page.getByRole('option').first().click();
  }
  async function compare(place: string, words: string) {
    await condition(place).getByRole('combobox', { name: 'Comparison' }).click();
    await page.getByRole('option', { name: words, exact: true }).click();
  }

  describe('the list', () => {
    test('is empty at first, with the one thing to do', async () => {
      await open('/segments');
      await says('No segment yet');
      expect(await accessibilityProblems(page)).toEqual([]);
      await screenshot(page, 'segments-empty');
      await page.getByRole('link', { name: 'New segment' }).first().click();
      await page.getByRole('heading', { name: 'New segment' }).waitFor();
    });

    test('shows counts, kinds, traits and sync, and names full of HTML as text', async () => {
      await t.planSegment('Enterprise', 'enterprise');
      await t.api('POST', SEGMENTS, { name: HOSTILE, type: 'manual', sync: false, description: HOSTILE });
      await open('/segments');
      const row = page.getByRole('row', { name: /Enterprise/ });
      await row.waitFor();
      // biome-ignore lint/performance/useDomNodeTextContent: the words as they are laid out
      expect((await row.innerText()).split(/\s+/)).toEqual([
        'Enterprise',
        '20',
        'By',
        'rules',
        'enterprise',
        '●',
        'On',
      ]);
      await page.getByRole('link', { name: HOSTILE, exact: true }).waitFor();
      expect(await page.locator('main img').count()).toBe(0);
      // Under the pointer the row is grey, and what is in it stays readable.
      await page.getByRole('link', { name: 'Enterprise', exact: true }).hover();
      expect(await accessibilityProblems(page)).toEqual([]);
      await page.mouse.move(0, 0);
      await screenshot(page, 'segments');
      await page.keyboard.press('/');
      await page.keyboard.type('enter');
      await page.waitForURL(/search=enter/);
      expect(await page.getByRole('row').count()).toBe(2);
      await page.keyboard.type('zzz');
      await says('No segment has “enterzzz” in its name or trait');
    });

    test('shows work that is under way', async () => {
      await t.planSegment('Enterprise', 'enterprise');
      await page.route('**/api/v1/segments', async (route) => {
        const response = await route.fetch();
        const body = await response.json();
        body.data[0].evaluating = { done: 300, total: 1200 };
        body.data[0].retracting = { done: 5, total: 10 };
        await route.fulfill({ response, json: body });
      });
      await open('/segments');
      await page.getByRole('progressbar', { name: 'Enterprise: Looking at everyone' }).waitFor();
      await page.getByRole('progressbar', { name: 'Enterprise: Taking back the old trait' }).waitFor();
      await says('300 of 1,200');
      expect(await accessibilityProblems(page)).toEqual([]);
    });

    test('says what failed, and tries again', async () => {
      await t.planSegment('Enterprise', 'enterprise');
      await page.route('**/api/v1/segments', (route) => route.fulfill({ status: 503, body: 'busy' }));
      await open('/segments');
      await says('Segments could not be loaded');
      await page.unroute('**/api/v1/segments');
      await button('Try again').click();
      await page.getByRole('link', { name: 'Enterprise' }).waitFor();
    });
  });

  describe('the editor', () => {
    test('builds a segment with groups, counting as it goes, and says what saving did', async () => {
      await t.connect();
      await open('/segments/new');
      await field('Name').fill('Big & “Pro”');
      await says('big_pro: true');
      await says('Finish the conditions to see who matches.');
      await choose('1', 'plan');
      await condition('1').getByRole('combobox', { name: 'Value' }).fill('p');
      await page.getByRole('option', { name: /^pro.*40 people/ }).click();
      await counted('Right now 40 of 120 people match');
      await says('Saving: 40 people join.');
      await says('u20@example.com');

      await button('Add a group to the rules').click();
      await choose('2.1', 'employees');
      await compare('2.1', 'is at least');
      await condition('2.1').getByRole('textbox', { name: 'Value' }).fill('50');
      await counted('Right now 10 of 120 people match');
      await page.getByRole('group', { name: 'group 2' }).getByText('any', { exact: true }).click();
      await button('Add a condition to group 2').click();
      await choose('2.2', 'beta');
      await counted('Right now 25 of 120 people match');
      await button('Add a group to the rules').hover();
      expect(await accessibilityProblems(page)).toEqual([]);
      await page.mouse.move(0, 0);
      await screenshot(page, 'segment-editor');

      await button('Create segment').click();
      await says('Saved Big & “Pro”. 25 people join. Segment hears about it within a minute.');
      await page.getByRole('heading', { name: 'Big & “Pro”', exact: true }).waitFor();
      const { rules } = await data(`${SEGMENTS}/big-pro`);
      expect(rules).toEqual({
        match: 'all',
        conditions: [
          { field: 'attributes.plan', operator: 'eq', value: 'pro' },
          {
            match: 'any',
            conditions: [
              { field: 'attributes.company.employees', operator: 'gte', value: 50 },
              { field: 'attributes.beta', operator: 'is_true' },
            ],
          },
        ],
      });
      await t.settled();
      await t.stub.waitFor((stub) => stub.profiles().get('u20@example.com')?.big_pro === true);
    });

    test('shows attributes with type, examples and people, and takes one that nobody has', async () => {
      await open('/segments/new');
      await button('Choose an attribute').click();
      const option = page.getByRole('option', { name: /^company › employees/ });
      await option.waitFor();
      // biome-ignore lint/performance/useDomNodeTextContent: the words as they are laid out
      expect(await option.innerText()).toMatch(/number[\s\S]*120 people/);
      await page.getByRole('option', { name: /Email\s*text/ }).waitFor();
      expect(await accessibilityProblems(page)).toEqual([]);
      await page.getByRole('combobox', { name: 'Search attributes' }).fill('not.seen');
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      await button('Attribute: not › seen').waitFor();
      expect(await button('Attribute: not › seen').evaluate((one) => one === document.activeElement)).toBe(
        true,
      );
    });

    test.each<[field: string, comparisons: string[]]>([
      [
        'beta',
        ['is', 'is not', 'is one of', 'is none of', 'has any value', 'has no value', 'is true', 'is false'],
      ],
      [
        'Last seen',
        [
          'is',
          'is not',
          'is on or after',
          'is on or before',
          'is between',
          'is one of',
          'is none of',
          'has any value',
          'has no value',
          'is before',
          'is after',
          'is in the last',
          'is not in the last',
        ],
      ],
      ['Segment', ['is', 'is not', 'is one of', 'is none of']],
    ])('offers for %s what fits', async (name, comparisons) => {
      await open('/segments/new');
      await choose('1', name);
      await condition('1').getByRole('combobox', { name: 'Comparison' }).click();
      await page.getByRole('option').first().waitFor();
      expect(await page.getByRole('option').allInnerTexts()).toEqual(comparisons);
    });

    test.each<[what: string, field: string, words: string, label: string]>([
      ['comparisons', 'plan', 'is', 'Comparison'],
      ['common values', 'plan', 'is', 'Value'],
      ['values to add', 'plan', 'is one of', 'Values'],
      ['units of time', 'Created', 'is in the last', 'Unit'],
      ['segments', 'Segment', 'is', 'Segment'],
      ['several segments', 'Segment', 'is one of', 'Segment'],
    ])('has a list of %s that everybody can read', async (_what, name, words, label) => {
      await manual('VIP');
      await open('/segments/new');
      await choose('1', name);
      await compare('1', words);
      await condition('1').getByRole('combobox', { name: label, exact: true }).click();
      await page.getByRole('option').first().waitFor();
      expect(await accessibilityProblems(page)).toEqual([]);
    });

    const date = (label: string, day: string) => () =>
      condition('1').getByLabel(label, { exact: true }).fill(day);
    test.each<[string, string, string, (() => Promise<unknown>)[], unknown]>([
      ['a list', 'plan', 'is one of', [() => type('Values', 'pro\nfree\n')], ['pro', 'free']],
      ['a range', 'employees', 'is between', [() => type('From', '5'), () => type('To', '9')], [5, 9]],
      ['a span', 'Created', 'is in the last', [() => type('Amount', '3')], { days: 3 }],
      ['a day', 'trialEnds', 'is before', [date('Value', '2026-02-01')], '2026-02-01'],
      ['a pattern', 'Email', 'matches the pattern', [() => type('Pattern', '^u1')], '^u1'],
      ['a text', 'company › name', 'contains', [() => type('Value', 'cm')], 'cm'],
      ['another segment', 'Segment', 'is', [() => pick('Segment', 'VIP')], 'vip'],
    ])('takes %s', async (_it, name, words, steps, value) => {
      await manual('VIP');
      await open('/segments/new');
      await field('Name').fill('Probe');
      await choose('1', name);
      await compare('1', words);
      for (const step of steps) await step();
      await page.locator('[data-fresh=true]').waitFor();
      await button('Create segment').click();
      await page.getByRole('heading', { name: 'Probe', exact: true }).waitFor();
      const { rules } = await data(`${SEGMENTS}/probe`);
      expect(rules.conditions[0].value).toEqual(value);
    });
    async function type(label: string, text: string) {
      const input = condition('1').getByLabel(label, { exact: true }).and(page.locator('input'));
      await input.click();
      await input.pressSequentially(text);
    }
    async function pick(label: string, option: string) {
      await condition('1').getByLabel(label, { exact: true }).and(page.locator('input')).click();
      await page.getByRole('option', { name: option, exact: true }).click();
    }

    test('is not saved by Enter in a rule, but by Ctrl+Enter, and by Enter in its name', async () => {
      await t.planSegment('Enterprise', 'enterprise');
      await open('/segments/enterprise/edit');
      await counted('Right now 20 of 120');
      const writes: string[] = [];
      page.on('request', (request) => {
        if (request.method() === 'PATCH') writes.push(request.url());
      });
      const value = condition('1').getByRole('combobox', { name: 'Value' });
      await value.fill('fr');
      await page.getByRole('option', { name: /^enterprise/ }).waitFor({ state: 'detached' });
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      expect(await value.inputValue()).toBe('free');
      await value.fill('fre');
      await page.getByRole('option', { name: /^free/ }).waitFor();
      await page.keyboard.press('Enter');
      await page.getByRole('option').first().waitFor({ state: 'detached' });
      expect(await value.inputValue()).toBe('fre');
      await choose('1', 'employees');
      await compare('1', 'is at least');
      const number = field('Value', condition('1'));
      await number.fill('50');
      await number.press('Enter');
      await button(/^Attribute: /, condition('1')).click();
      await page.getByRole('combobox', { name: 'Search attributes' }).fill(' ');
      await page.keyboard.press('Enter');
      await page.keyboard.press('Escape');
      await number.press('Enter');
      expect(writes).toEqual([]);
      await number.press('Control+Enter');
      await says(/^Saved Enterprise\./);
      expect((await data(`${SEGMENTS}/enterprise`)).rules.conditions[0].value).toBe(50);
      expect(writes).toHaveLength(1);
      await open('/segments/enterprise/edit');
      await field('Name').fill('By Enter');
      await field('Name').press('Enter');
      await page.getByRole('heading', { name: 'By Enter', exact: true }).waitFor();
    });

    test('explains at the condition what can not be saved', async () => {
      await open('/segments/new');
      await button('Create segment').click();
      await says('Give it a name.');
      await says('Choose an attribute.');
      expect(await data(SEGMENTS)).toEqual([]);
      await field('Name').fill('Broken');
      await choose('1', 'Email');
      await says('Enter a value.');
      await compare('1', 'matches the pattern');
      await type('Pattern', '(');
      await condition('1')
        .getByText(/^This pattern can not be read/)
        .waitFor();
      await says('The rules can not be counted until what is marked is put right.');
      expect(await condition('1').getByLabel('Pattern').getAttribute('aria-invalid')).toBe('true');
      expect(await accessibilityProblems(page)).toEqual([]);
      await screenshot(page, 'segment-editor-problem');
      await button('Create segment').click();
      expect(await data(SEGMENTS)).toEqual([]);
      await type('Pattern', ')');
      await page.locator('[data-fresh=true]').waitFor();
    });

    test('never shows an old count as one of the rules as they are', async () => {
      await open('/segments/new');
      await choose('1', 'plan');
      await condition('1').getByRole('combobox', { name: 'Value' }).fill('pro');
      await counted('Right now 40 of 120');
      let release = () => {};
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      await page.route('**/segments/preview', async (route) => {
        await held;
        await route.continue();
      });
      await condition('1').getByRole('combobox', { name: 'Value' }).fill('enterprise');
      await page.locator('[data-fresh=false]', { hasText: 'Right now 40 of 120' }).waitFor();
      await says('Counting again…');
      release();
      await counted('Right now 20 of 120');
    });

    test('says so when not everybody could be counted, or nobody', async () => {
      await page.route('**/segments/preview', async (route) => {
        const response = await route.fetch();
        const body = await response.json();
        Object.assign(body.data, { complete: false, scanned: 230_000, total: 1_000_000, count: 1234 });
        await route.fulfill({ response, json: body });
      });
      await open('/segments/new');
      await choose('1', 'plan');
      await condition('1').getByRole('combobox', { name: 'Value' }).fill('pro');
      await counted('1,234 match of the 230,000 looked at, out of 1,000,000 people');
      await says(/So far: not everyone was looked at/);
      await page.unroute('**/segments/preview');
      await page.route('**/segments/preview', (route) => route.fulfill({ status: 500, json: {} }));
      await condition('1').getByRole('combobox', { name: 'Value' }).fill('free');
      await page.getByRole('region', { name: 'Who this is' }).getByRole('alert').waitFor();
    });

    test('nests five deep and no deeper, by keyboard alone', async () => {
      await open('/segments/new');
      await button('Choose an attribute').waitFor();
      for (const group of ['the rules', 'group 2', 'group 2.2', 'group 2.2.2']) {
        await button(`Add a group to ${group}`).press('Enter');
      }
      const deepest = page.getByRole('group', { name: 'group 2.2.2.2', exact: true });
      await deepest.getByText('Groups can be nested 5 deep, and this is the deepest.').waitFor();
      expect(await button('Add a group to group 2.2.2.2').count()).toBe(0);
      // The new condition is where one goes on; after a removal that is the button to add another.
      const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label'));
      expect(await focused()).toBe('Choose an attribute');
      await button('Remove condition 2.2.2.2.1').press('Enter');
      expect(await focused()).toBe('Add a condition to group 2.2.2.2');
      await button('Remove group 2.2').press('Enter');
      expect(await focused()).toBe('Add a condition to group 2');
    });

    test('compares with the segment there is, and saves what was changed', async () => {
      await t.planSegment('Enterprise', 'enterprise');
      await open('/segments/enterprise/edit');
      await counted('Right now 20 of 120 people match');
      await says('Saving changes nobody.');
      await condition('1').getByRole('combobox', { name: 'Value' }).fill('pro');
      await says('Saving: 40 people join, 20 people leave.');
      await field('Name').fill('Professionals');
      await button('Save').click();
      await says(/^Saved Professionals\. 40 people join, 20 people leave\./);
      await t.settled();
      expect(await data(`${SEGMENTS}/enterprise`)).toMatchObject({
        name: 'Professionals',
        traitKey: 'enterprise',
        memberCount: 40,
      });
    });

    test('sends what was changed alone, and says what somebody else changed meanwhile', async () => {
      await t.planSegment('Enterprise', 'enterprise');
      const elsewhere = (change: object) => t.api('PATCH', `${SEGMENTS}/enterprise`, change);
      await open('/segments/enterprise/edit');
      await counted('Right now 20 of 120 people match');
      await field('Description').fill('Mine');
      await elsewhere({ sync: false });
      const rules = {
        match: 'all',
        conditions: [{ field: 'attributes.plan', operator: 'eq', value: 'pro' }],
      };
      await elsewhere({ name: 'Theirs', rules });
      await says('Changed by somebody else');
      expect(await field('Description').inputValue()).toBe('Mine');
      expect(await field('Name').inputValue()).toBe('Enterprise');
      expect(await accessibilityProblems(page)).toEqual([]);
      await button('Save').click();
      await says('Saved Theirs.');
      expect(await data(`${SEGMENTS}/enterprise`)).toMatchObject({
        name: 'Theirs',
        description: 'Mine',
        rules,
        sync: false,
      });
    });

    test('begins with what is stored, and anew with what is stored since', async () => {
      await t.planSegment('Enterprise', 'enterprise');
      await open('/segments/enterprise');
      await page.getByRole('link', { name: 'Edit' }).first().waitFor();
      let release = () => {};
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      await page.route(/\/segments\/enterprise$/, async (route) => {
        if (route.request().method() === 'GET') await held;
        await route.continue();
      });
      await t.api('PATCH', `${SEGMENTS}/enterprise`, { name: 'Renamed' });
      await page.getByRole('link', { name: 'Edit' }).first().click();
      await page.getByRole('status', { name: 'Loading' }).waitFor();
      expect(await field('Name').count()).toBe(0);
      release();
      await page.getByRole('heading', { name: 'Edit Renamed' }).waitFor();
      await field('Name').fill('Mine');
      await t.api('PATCH', `${SEGMENTS}/enterprise`, { name: 'Theirs' });
      await button('Load the newer version instead').click();
      await page.getByRole('heading', { name: 'Edit Theirs' }).waitFor();
      expect(await field('Name').inputValue()).toBe('Theirs');
      // Nothing is left that could be lost.
      await page.getByRole('link', { name: /^Users/ }).click();
      await page.getByRole('heading', { name: 'Users', level: 1 }).waitFor();
    });

    test('keeps rules it did not touch as they were made elsewhere', async () => {
      const rules = {
        match: 'any',
        conditions: [
          { field: 'attributes.company.employees', operator: 'gte', value: '10' },
          { field: 'createdAt', operator: 'before', value: '2026-01-31T10:00:00Z' },
          { field: 'email', operator: 'contains', value: HOSTILE, caseSensitive: true },
          { field: 'attributes.plan', operator: 'in', value: ['', 1, true] },
        ],
      };
      await t.api('POST', SEGMENTS, { name: 'Odd', type: 'dynamic', rules });
      await open('/segments/odd/edit');
      await page.locator('[data-fresh=true]').waitFor();
      await field('Description').fill(HOSTILE);
      await button('Save').click();
      await page.getByRole('heading', { name: 'Odd', exact: true }).waitFor();
      expect((await data(`${SEGMENTS}/odd`)).rules).toEqual(rules);
      await says(HOSTILE);
      expect(await page.locator('main img').count()).toBe(0);
    });

    test('does not make a segment of a viewer', async () => {
      await finish();
      ({ page, finish } = await asViewer());
      await open('/segments');
      await button('New segment').first().waitFor();
      expect(await button('New segment').first().isDisabled()).toBe(true);
      await says('Only an admin can change this. You are signed in as a viewer.');
      await t.planSegment('Enterprise', 'enterprise');
      await open('/segments/enterprise');
      await page.getByRole('heading', { name: 'Enterprise', exact: true }).waitFor();
      await page.getByRole('switch', { name: 'Tell Segment' }).waitFor();
      expect(await page.getByRole('switch', { name: 'Tell Segment' }).isDisabled()).toBe(true);
      for (const name of ['Edit', 'More actions', 'Tell Segment again…']) {
        expect([name, await button(name).count()]).toEqual([name, 0]);
      }
      await open('/segments/enterprise/edit');
      await counted('Right now 20 of 120 people match');
      expect(await button('Save').isDisabled()).toBe(true);
      expect(await accessibilityProblems(page)).toEqual([]);
    });
    async function asViewer() {
      const viewer = await invite(t, 'viewer', 'vera@example.com');
      const opened = await openPage(browser());
      const cookies = viewer
        .cookies()
        .split('; ')
        .map((one) => ({
          name: one.split('=')[0] ?? '',
          value: one.slice(one.indexOf('=') + 1),
          url: t.url,
        }));
      await opened.page.context().addCookies(cookies);
      return opened;
    }
  });

  describe('the trait key', () => {
    test.each<[name: string, why: RegExp, suggestion: string]>([
      ['First name', /^Segment keeps the trait “first_name”/, 'first_name_segment'],
      ['VIP', /^Another segment has the trait “vip”/, 'vip_2'],
      ['Plan', /^120 people have an attribute “plan”/, 'plan_segment'],
    ])('of %s is explained, with another to use', async (name, why, suggestion) => {
      await manual('VIP');
      await open('/segments/new');
      await field('Name').fill(name);
      await page.getByRole('radio', { name: 'People you choose' }).check();
      await says(why);
      await button('Create segment').click();
      await button(`Use ${suggestion}`).click();
      await says(`${suggestion}: true`);
      await button('Create segment').click();
      await page.getByRole('heading', { name, exact: true }).waitFor();
      expect((await data(SEGMENTS)).at(-1).traitKey).toBe(suggestion);
    });

    test('that people have as an attribute can be had after a confirmation', async () => {
      await open('/segments/new');
      await field('Name').fill('Plan');
      await page.getByRole('radio', { name: 'People you choose' }).check();
      await page.getByRole('checkbox', { name: 'Use plan all the same' }).check();
      await button('Create segment').click();
      await page.getByRole('heading', { name: 'Plan', exact: true }).waitFor();
      expect((await data(`${SEGMENTS}/plan`)).traitKey).toBe('plan');
    });

    test('is changed only after saying what is taken back', async () => {
      await t.connect();
      await manual('VIP');
      await t.api('POST', `${SEGMENTS}/vip/members`, { emails: ['u1@example.com', 'u2@example.com'] });
      await t.stub.waitFor((stub) => stub.profiles().get('u2@example.com')?.vip === true);
      await open('/segments/vip/edit');
      await button('Change…').click();
      await field('Trait key').fill('is vip');
      await says('Use 1 to 100 letters, digits and underscores.');
      await field('Trait key').fill('is_vip');
      await says(/^Segment is told vip: false for 2 people first/);
      await button('Save').click();
      const dialog = page.getByRole('dialog', { name: 'Change the trait?' });
      await dialog.getByText(/false for 2 people/).waitFor();
      expect(await accessibilityProblems(page)).toEqual([]);
      await button('Change the trait and save', dialog).click();
      await page.getByRole('heading', { name: 'VIP', exact: true }).waitFor();
      await t.stub.waitFor((stub) => {
        const profile = stub.profiles().get('u2@example.com');
        return profile?.vip === false && profile?.is_vip === true;
      });
    });
  });

  describe('one segment', () => {
    test('shows rules in words, people, and what Segment holds', async () => {
      const rules = {
        match: 'all',
        conditions: [
          { field: 'attributes.company.employees', operator: 'gte', value: 5 },
          {
            match: 'any',
            conditions: [
              { field: 'createdAt', operator: 'within_last', value: { days: 30 } },
              { field: 'attributes.company.name', operator: 'eq', value: HOSTILE },
            ],
          },
        ],
      };
      await t.api('POST', SEGMENTS, { name: 'Larger', type: 'dynamic', rules });
      await t.settled();
      await open('/segments/larger');
      await page
        .getByRole('listitem')
        .filter({ hasText: /^company › employees is at least 5$/ })
        .waitFor();
      await page
        .getByRole('listitem')
        .filter({ hasText: /^Created is in the last 30 days$/ })
        .waitFor();
      await says('Segment has been told of nobody yet');
      await page.getByRole('link', { name: 'u7@example.com' }).waitFor();
      expect(await page.locator('main img').count()).toBe(0);
      expect(await page.getByRole('row').count()).toBe(51);
      await button('Show more').click();
      await page.getByRole('link', { name: 'u80@example.com' }).waitFor();
      expect(await accessibilityProblems(page)).toEqual([]);
      await screenshot(page, 'segment');
      await page.getByRole('textbox', { name: 'Search by email or name' }).fill('u11');
      await says('11 people found');
      await page.waitForURL(/search=u11/);
      expect(await page.getByRole('link', { name: 'u7@example.com' }).count()).toBe(0);
      await page.reload();
      await says('11 people found');
    });

    test('shows who joined and left, and why', async () => {
      await t.planSegment('Enterprise', 'enterprise');
      await t.api('POST', '/api/v1/users/identify', {
        email: 'u1@example.com',
        attributes: { plan: 'free' },
      });
      await open('/segments/enterprise');
      await page.getByRole('tab', { name: 'Joins and leaves' }).click();
      await page.waitForURL(/tab=history/);
      const row = page.getByRole('row', { name: /u1@example.com.*left.*the API or an admin/ });
      await row.waitFor();
      await page
        .getByRole('row', { name: /joined.*new rules/ })
        .first()
        .waitFor();
      expect(await accessibilityProblems(page)).toEqual([]);
    });

    test('is switched off and on, looked at again and told again', async () => {
      await t.planSegment('Enterprise', 'enterprise');
      await open('/segments/enterprise');
      const sync = page.getByRole('switch', { name: 'Tell Segment' });
      await sync.press('Space');
      await says('Enterprise is off: Segment hears nothing more of it.');
      await says('Segment has been told of nobody yet · 20 changes would be sent if it were on');
      expect(await button('Tell Segment again…').count()).toBe(0);
      expect((await data(`${SEGMENTS}/enterprise`)).sync).toBe(false);
      await sync.press('Space');
      await says('Enterprise is on. 20 changes go to Segment now.');
      await button('Look at everyone again').click();
      await says('Everyone is being looked at.');
      await button('Tell Segment again…').click();
      const dialog = page.getByRole('dialog', { name: 'Tell Segment again?' });
      await dialog.getByText(/20 people are in Enterprise/).waitFor();
      expect(await accessibilityProblems(page)).toEqual([]);
      await button('Tell Segment again', dialog).click();
      await says('Segment is being told again.');
      await t.settled();
    });

    test('leads to what Segment refused of it', async () => {
      await t.planSegment('Enterprise', 'enterprise');
      await page.route('**/told', async (route) => {
        const response = await route.fetch();
        const body = await response.json();
        await route.fulfill({ response, json: { data: { ...body.data, parked: 3 } } });
      });
      await open('/segments/enterprise');
      await says('Segment refused 3 changes');
      await page.getByRole('link', { name: 'See activity' }).click();
      await page.getByRole('heading', { name: 'Activity', level: 1 }).waitFor();
      expect([...new URL(page.url()).searchParams]).toEqual([
        ['direction', 'out'],
        ['outcome', 'parked'],
        ['segment', 'enterprise'],
      ]);
      await page.getByText('Nothing matches these filters').waitFor();
    });

    test('is deleted by its name, with the count of what is taken back', async () => {
      await t.connect();
      await t.planSegment('Enterprise', 'enterprise');
      await t.stub.waitFor((stub) => stub.profiles().size === 20);
      await open('/segments/enterprise');
      await button('More actions').click();
      await page.getByRole('menuitem', { name: 'Delete…' }).hover();
      expect(await accessibilityProblems(page)).toEqual([]);
      await page.getByRole('menuitem', { name: 'Delete…' }).click();
      const dialog = page.getByRole('dialog', { name: 'Delete Enterprise?' });
      await dialog.getByText('Segment is told enterprise: false for 20 people.').waitFor();
      expect(await accessibilityProblems(page)).toEqual([]);
      expect(await button('Delete the segment', dialog).isDisabled()).toBe(true);
      await field('Type Enterprise to confirm', dialog).fill('Enterprise');
      await button('Delete the segment', dialog).click();
      await says('No segment yet');
      await t.stub.waitFor((stub) => [...stub.profiles().values()].every((one) => one.enterprise === false));
    });

    test('is exported as a file', async () => {
      await t.planSegment('Enterprise', 'enterprise');
      await open('/segments/enterprise');
      await button('More actions').click();
      const item = page.getByRole('menuitem', { name: 'Export as CSV' });
      await item.waitFor();
      const answer = await t.api('GET', (await item.getAttribute('href')) ?? '');
      expect(answer.headers.get('content-disposition')).toContain('enterprise.csv');
      expect(answer.body.trim().split('\n')).toHaveLength(21);
    });

    test('named "New" has a page of its own', async () => {
      await manual('New');
      await open('/segments');
      await page.getByRole('table').getByRole('link', { name: 'New', exact: true }).click();
      await page.getByRole('heading', { name: 'New', exact: true }).waitFor();
    });

    test('that is not there says so', async () => {
      for (const address of ['/segments/nowhere', '/segments/nowhere/edit']) {
        await open(address);
        await page.getByRole('heading', { name: 'There is no such segment', level: 1 }).waitFor();
        expect(await accessibilityProblems(page)).toEqual([]);
        await page.getByRole('link', { name: 'Go to segments' }).click();
        await says('No segment yet');
      }
    });
  });

  describe('a segment by hand', () => {
    /** All at once, as a paste does it; `fill` takes seconds for thousands of lines. */
    const paste = (dialog: Locator, text: string) =>
      dialog.getByRole('textbox', { name: 'Email addresses or user ids' }).evaluate((box, value) => {
        const { set } = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value') ?? {};
        set?.call(box, value);
        box.dispatchEvent(new Event('input', { bubbles: true }));
      }, text);

    test('gets people by search, and loses them again', async () => {
      await manual('VIP');
      await open('/segments/vip');
      await says('Nobody is in it yet');
      await button('Add people…').click();
      const dialog = page.getByRole('dialog', { name: 'Add people' });
      const search = dialog.getByRole('combobox', { name: 'Add people by search' });
      await search.fill('u77@');
      await page.getByRole('option', { name: /^u77@example.com/ }).waitFor();
      expect(await accessibilityProblems(page)).toEqual([]);
      await page.getByRole('option', { name: /^u77@example.com/ }).click();
      await search.fill('Person 88');
      await page.getByRole('option', { name: /^u88@example.com/ }).click();
      await page.keyboard.press('Tab');
      expect(await accessibilityProblems(page)).toEqual([]);
      await button('Add', dialog).click();
      await says('2 people are in VIP now.');
      await page.getByRole('link', { name: 'u88@example.com' }).waitFor();
      await button('Take u88@example.com out').click();
      const taking = page.getByRole('dialog', { name: 'Take u88@example.com out?' });
      await taking.waitFor();
      expect(await accessibilityProblems(page)).toEqual([]);
      await button('Take out', taking).click();
      await says('u88@example.com left VIP.');
      expect((await data(`${SEGMENTS}/vip/members`)).map(({ email }: { email: string }) => email)).toEqual([
        'u77@example.com',
      ]);
    });

    test('takes a list of thousands in parts, and names the lines that failed', async () => {
      const crowd = Array.from({ length: 2500 }, (_, i) => `c${i}@example.com\n`).join('');
      await t.api('POST', '/api/v1/users/import', `email\n${crowd}`, { 'content-type': 'text/csv' });
      await manual('VIP');
      await open('/segments/vip');
      await button('Paste a list…').click();
      const dialog = page.getByRole('dialog', { name: 'Add a list of people' });
      await paste(dialog, `nobody@example.com\n${HOSTILE}\nuser_1, C1@example.com\n${crowd}user_99999\n`);
      await dialog.getByText('2,504 entries; 1 entry stands there twice and counts once').waitFor();
      expect(await accessibilityProblems(page)).toEqual([]);
      let asked = 0;
      page.on('request', (request) => {
        if (request.method() === 'POST' && request.url().endsWith('/members')) asked++;
      });
      await button('Add 2,504 people', dialog).click();
      await dialog.getByText('2,501 people are in it now.').waitFor();
      expect(asked).toBe(4);
      const rows = await dialog.getByRole('row').allInnerTexts();
      expect(rows.slice(1).map((row) => row.split('\t'))).toEqual([
        ['1', 'nobody@example.com', 'nobody here has it'],
        ['2', expect.any(String), 'no email address'],
        ['2,504', 'user_99999', 'nobody here has it'],
      ]);
      expect(await accessibilityProblems(page)).toEqual([]);
      await button('Done', dialog).click();
      expect((await data(`${SEGMENTS}/vip`)).memberCount).toBe(2501);
    });

    test('goes on with the rest of a list after a failure', async () => {
      const crowd = Array.from({ length: 1500 }, (_, i) => `c${i}@example.com\n`).join('');
      await t.api('POST', '/api/v1/users/import', `email\n${crowd}`, { 'content-type': 'text/csv' });
      await manual('VIP');
      let asked = 0;
      await page.route('**/members', (route) => {
        if (route.request().method() !== 'POST' || ++asked !== 2) return route.continue();
        const error = { code: 'busy', message: 'The database is busy.' };
        return route.fulfill({ status: 503, json: { error } });
      });
      await open('/segments/vip');
      await button('Paste a list…').click();
      const dialog = page.getByRole('dialog', { name: 'Add a list of people' });
      await paste(dialog, crowd);
      await button('Add 1,500 people', dialog).click();
      await dialog.getByText(/^It stopped after 1,000 entries: The database is busy\./).waitFor();
      await button('Add 500 people', dialog).click();
      await dialog.getByText('1,500 people are in it now.').waitFor();
      expect((await data(`${SEGMENTS}/vip`)).memberCount).toBe(1500);
    });
  });

  test('every page fits a phone', async () => {
    await t.planSegment('Enterprise', 'enterprise');
    await manual(`VIP ${'long'.repeat(20)}`);
    await page.setViewportSize({ width: 390, height: 844 });
    for (const [path, heading] of [
      ['/segments', 'Segments'],
      ['/segments/new', 'New segment'],
      ['/segments/enterprise', 'Enterprise'],
      ['/segments/enterprise/edit', 'Edit Enterprise'],
    ] as const) {
      await open(path);
      await page.getByRole('heading', { name: heading, exact: true }).waitFor();
      await page.waitForFunction(() => document.querySelector('main [aria-busy=true]') === null);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect([path, wide <= 0]).toEqual([path, true]);
      expect(await accessibilityProblems(page)).toEqual([]);
    }
  });

  test('the library of the builder is loaded where it is needed alone', async () => {
    await t.planSegment('Enterprise', 'enterprise');
    const scripts: string[] = [];
    page.on('response', async (response) => {
      if (response.url().endsWith('.js')) scripts.push(await response.text());
    });
    const hasLibrary = () => scripts.some((script) => script.includes('ruleGroup-combinators'));
    for (const path of ['/segments', '/segments/enterprise']) {
      await open(path);
      await page
        .getByRole('link', { name: /Enterprise|Edit/ })
        .first()
        .waitFor();
      await page.waitForLoadState('networkidle');
    }
    expect(hasLibrary()).toBe(false);
    await open('/segments/new');
    await button('Choose an attribute').waitFor();
    expect(hasLibrary()).toBe(true);
  });
});
