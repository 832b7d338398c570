import { App } from './app/app.js';
import { capacityText, capacityWarning } from './app/server-capacity.js';
import { startProblem } from './app/start-problem.js';
import { systemClock } from './clock.js';
import { readConfig, type Config } from './config.js';
import { createLogger } from './logger.js';
import { RELEASE } from './release.js';

const EXIT_BAD_START = 1;
const FORCED_EXIT_MS = 5_000;
/** SIGHUP is sent when the terminal is closed. */
const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

// The reader of the output may close its pipe, as in `node main.js | head`. The server continues without it.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

if (process.argv.includes('--version')) console.log(RELEASE);
else await main();

async function main(): Promise<void> {
  const config = configured();
  try {
    const app = await App.start(config, createLogger(config.LOG_LEVEL));
    stopOnSignal(app);
    announce(app, config);
  } catch (error) {
    giveUp(startProblem(error, config));
  }
}

function configured(): Config {
  try {
    return readConfig(process.env);
  } catch (error) {
    return giveUp(error instanceof Error ? error.message : String(error));
  }
}

function giveUp(problem: string): never {
  console.error(`Launchlog cannot start: ${problem}`);
  process.exit(EXIT_BAD_START);
}

function announce(app: App, config: Config): void {
  const { adminToken } = app;
  console.log(`Launchlog listens on ${app.url}`);
  console.log(
    `  nodes:        ${config.DATABASE_URL ? 'PostgreSQL' : `embedded PGlite in ${config.DATA_DIR}`}`,
  );
  console.log(`  logs:         ${config.REDIS_URL ? 'Redis' : `embedded store in ${config.DATA_DIR}`}`);
  console.log(`  launches:     ${app.launcher.kind}: ${app.launcher.reason}`);
  console.log(`  room:         ${capacityText(app.capacity)}`);
  if (adminToken.file === undefined) console.log('  admin token:  as given by ADMIN_TOKEN');
  else console.log(`  admin token:  ${adminToken.token}  (kept in ${adminToken.file})`);
  const weak = adminToken.weak
    ? 'the admin token has fewer than 32 characters and could be guessed: after too many failed sign-ins from an ' +
      'address it is delayed there; a longer token is not'
    : undefined;
  const warnings = [...config.warnings, capacityWarning(app.capacity, config), weak];
  for (const warning of warnings.filter((each) => each !== undefined)) console.log(`  WARNING: ${warning}`);
}

/** The first signal stops the server in order. A second signal, or a timeout, ends it at once. */
function stopOnSignal(app: App): void {
  const stop = (signal: NodeJS.Signals) => {
    for (const again of STOP_SIGNALS) process.once(again, () => process.exit(EXIT_BAD_START));
    console.log(`Launchlog stops (${signal})`);
    systemClock.after(FORCED_EXIT_MS, () => process.exit(EXIT_BAD_START));
    void app.close().then(
      () => process.exit(0),
      () => process.exit(EXIT_BAD_START),
    );
  };
  let stopping = false;
  for (const signal of STOP_SIGNALS) {
    process.once(signal, () => {
      if (!stopping) stop(signal);
      stopping = true;
    });
  }
}
