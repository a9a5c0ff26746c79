import type { Command } from 'commander';
import { OperatorError } from '../errors.ts';
import { viewSegment } from '../segments/view.ts';
import { everyMember, exportUsers } from '../transfer/export.ts';
import type { Format } from '../transfer/rows.ts';
import { withStore } from './offline.ts';
import { formatOption, print } from './users.ts';

export function addSegments(program: Command) {
  const segments = program
    .command('segments')
    .description('Export segments; the service may be running or not');

  segments
    .command('export')
    .argument('[slug]', 'the segment whose members to write')
    .description(
      'Write the members of a segment to standard output or, without a slug, the segments themselves as NDJSON',
    )
    .addOption(formatOption().default('csv'))
    .action((slug: string | undefined, { format }: { format: Format }) =>
      withStore(async (store) => {
        const all = await store.listSegments();
        if (slug === undefined) {
          for (const segment of all) await print(`${JSON.stringify(viewSegment(segment, []))}\n`);
          return;
        }
        const segment = all.find((one) => one.slug === slug);
        if (segment === undefined) {
          const known = all.map((one) => one.slug).join(', ') || 'none';
          throw new OperatorError(`There is no segment "${slug}"`, `The segments are: ${known}`);
        }
        for await (const line of exportUsers(() => everyMember(store, segment.id), format)) await print(line);
      }),
    );
}
