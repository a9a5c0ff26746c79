/**
 * The service from source with another size of its commits, which no environment variable sets.
 * bun service-process.ts <most changes in a transaction>
 */
import { startService } from '../../../src/cli/serve.ts';
import { signalled } from '../../../src/cli/serve-command.ts';
import { readConfig } from '../../../src/config.ts';
import { createLog } from '../../../src/telemetry/log.ts';

const config = readConfig(Bun.env);
const asked = signalled();
const service = await startService(config, createLog(config.LOG_LEVEL), { maxCommit: Number(Bun.argv[2]) });
console.log(`listens on ${service.url}`);
await asked;
await service.stop();
