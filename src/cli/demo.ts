import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { readConfig } from '../config.ts';
import { createDemo } from '../demo/demo.ts';
import { startStandIn } from '../demo/stand-in.ts';
import { createLog } from '../telemetry/log.ts';
import { startService } from './serve.ts';
import { signalled } from './serve-command.ts';

/** Milliseconds between two events. */
const PACE_MS = 400;

export function addDemo(program: Command) {
  program
    .command('demo')
    .description('Show the loop live: made-up users, a stand-in for Segment, nothing kept. Ctrl-C ends it')
    .action(async () => {
      const dataDir = await mkdtemp(join(tmpdir(), 'quackback-segment-demo-'));
      const apiKey = `qb_${randomBytes(32).toString('base64url')}`;
      const ended = signalled();
      let heard: ReturnType<typeof createDemo>['heard'] = () => {};
      const standIn = startStandIn((event) => heard(event));
      const config = readConfig({
        ...Bun.env,
        DATA_DIR: dataDir,
        ADMIN_API_KEY: apiKey,
        SEGMENT_API_URL: standIn.url,
        LOG_LEVEL: 'warn',
      });
      const service = await startService(config, createLog(config.LOG_LEVEL));
      try {
        const demo = createDemo({ url: service.url, apiKey, users: 1000, print: console.log });
        await demo.setUp();
        console.log(`The service, with 1,000 made-up users and four segments:\n`);
        console.log(`  Admin area ${service.setUpUrl} (choose any password)`);
        console.log(`  API docs   ${service.url}/swagger\n  API key    ${apiKey}\n`);
        console.log('Identify events come in; what follows is what Segment hears. Ctrl-C ends it.\n');
        heard = demo.heard;
        for (let over = false; !over; ) {
          await demo.step();
          over = await Promise.race([ended.then(() => true), Bun.sleep(PACE_MS).then(() => false)]);
        }
      } finally {
        await service.stop();
        await standIn.stop();
        await rm(dataDir, { recursive: true, force: true });
      }
    });
}
