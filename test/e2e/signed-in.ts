import type { BrowserContextOptions, Browser as Chromium, Page } from 'playwright-core';
import type { Browser } from '../helpers/accounts.ts';
import type { TestService } from '../helpers/service.ts';
import { openPage } from './browser.ts';

/** A page of somebody who has signed in, at an address below /admin. */
export async function openAs(
  launched: Chromium,
  t: TestService,
  somebody: Pick<Browser, 'cookies'>,
  address: string,
  options: BrowserContextOptions = {},
) {
  const opened = await openPage(launched, options);
  const cookies = somebody.cookies().split('; ');
  await opened.page.context().addCookies(
    cookies.map((cookie) => {
      const at = cookie.indexOf('=');
      return { name: cookie.slice(0, at), value: cookie.slice(at + 1), url: t.url };
    }),
  );
  await opened.page.goto(`${t.url}/admin${address}`);
  return opened;
}

/** What is done on a page. */
export type Work = (page: Page) => Promise<void>;
export type PageOptions = BrowserContextOptions & { as?: Browser };

/** Opens a page for some work, and closes it when that went well. */
export async function workAs(
  launched: Chromium,
  t: TestService,
  somebody: Pick<Browser, 'cookies'>,
  address: string,
  work: Work,
  options: BrowserContextOptions,
) {
  const { page, finish } = await openAs(launched, t, somebody, address, options);
  await work(page);
  await finish();
}
