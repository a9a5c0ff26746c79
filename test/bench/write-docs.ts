import { join } from 'node:path';
import { chart } from './harness/chart.ts';
import { withGrowth, withResults } from './harness/documents.ts';
import { readResults } from './harness/results.ts';

const ROOT = join(import.meta.dir, '../..');
export const RESULTS = join(import.meta.dir, 'results.json');

/** Puts the results of the last run into the documents, and the chart beside them. */
export async function writeDocuments(): Promise<void> {
  const results = readResults(await Bun.file(RESULTS).text());
  for (const [path, change] of [
    ['docs/performance.md', withResults],
    ['test/bench/README.md', withGrowth],
  ] as const) {
    const file = Bun.file(join(ROOT, path));
    await Bun.write(file, change(await file.text(), results));
    console.log(`Written to ${path}`);
  }
  await Bun.write(join(ROOT, 'docs/performance.svg'), chart(results));
}

if (import.meta.main) await writeDocuments();
