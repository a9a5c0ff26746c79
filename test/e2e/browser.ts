import { afterAll, beforeAll, describe, expect } from 'bun:test';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import axe from 'axe-core' with { type: 'text' };
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const CANDIDATES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const executablePath = CANDIDATES.find((path) => existsSync(path));

/**
 * A group of tests in a real browser. Where there is none they are skipped, and say so; with REQUIRE_BROWSER set (as in
 * CI) a missing browser is a failure. SKIP_BROWSER leaves them out.
 */
export function describeInBrowser(name: string, define: (launched: { browser(): Browser }) => void) {
  if (Bun.env.SKIP_BROWSER !== undefined) {
    describe.skip(name, () => define({ browser: () => unreachable() }));
    return;
  }
  if (executablePath === undefined) {
    if (Bun.env.REQUIRE_BROWSER !== undefined) throw new Error(`No browser at ${CANDIDATES.join(', ')}`);
    console.warn(`${name}: skipped, no Chromium found (${CANDIDATES.join(', ')})`);
    describe.skip(name, () => define({ browser: () => unreachable() }));
    return;
  }
  describe(name, () => {
    let browser: Browser | null = null;
    beforeAll(async () => {
      browser = await chromium.launch({
        executablePath,
        args: [
          '--no-sandbox',
          '--disable-gpu',
          '--disable-quic',
          '--no-first-run',
          '--disable-background-networking',
          '--disable-component-update',
          '--disable-sync',
        ],
      });
    });
    afterAll(() => browser?.close());
    define({ browser: () => browser ?? unreachable() });
  });
}

const unreachable = (): never => {
  throw new Error('The browser has not been started');
};

/** A page of a fresh session; what the page complains of in its console fails the test at `finish`. */
export async function openPage(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<{ page: Page; finish(): Promise<void> }> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    // What the network refuses is part of many a test; everything else the page should not have done.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
      complaints.push(message.text());
    }
  });
  return {
    page,
    async finish() {
      await context.close();
      expect(complaints).toEqual([]);
    },
  };
}

/** Shows the page in light or dark, with no colour halfway. */
async function inColours(page: Page, colorScheme: 'light' | 'dark') {
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
  await page.locator(`html[data-mantine-color-scheme=${colorScheme}]`).waitFor({ state: 'attached' });
  await page.evaluate(async () => {
    // Changes of colour begin with the next frame.
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    for (const animation of document.getAnimations()) {
      if (animation.effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY) animation.finish();
    }
  });
}

/** What axe has against the page as it stands, one line each; run in light and dark, as contrast differs. */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  const problems: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await inColours(page, colorScheme);
    // Evaluated through the protocol: the page's own policy allows no foreign script.
    await page.evaluate(axe as unknown as string);
    const violations = await page.evaluate(
      async (runOnly) =>
        (await axe.run(document, { resultTypes: ['violations'], ...(runOnly && { runOnly }) })).violations,
      // In other colours nothing else can be different.
      colorScheme === 'dark' ? ['color-contrast'] : null,
    );
    for (const { id, help, nodes } of violations as {
      id: string;
      help: string;
      nodes: { html: string }[];
    }[]) {
      for (const { html } of nodes) problems.push(`${colorScheme}: ${id}: ${help}: ${html.slice(0, 200)}`);
    }
  }
  return problems;
}

const SCREENSHOTS = join(import.meta.dir, '../../docs/screenshots');

/**
 * Writes docs/screenshots/NAME-light.png and -dark.png where SCREENSHOTS is set; otherwise does nothing: pictures change
 * with every machine's fonts, and taking them takes time.
 */
export async function screenshot(page: Page, name: string): Promise<void> {
  if (Bun.env.SCREENSHOTS === undefined) return;
  await mkdir(SCREENSHOTS, { recursive: true });
  for (const colorScheme of ['light', 'dark'] as const) {
    await inColours(page, colorScheme);
    await page.screenshot({ path: join(SCREENSHOTS, `${name}-${colorScheme}.png`) });
  }
}
