import { readFile } from 'node:fs/promises';
import { runProgram } from './run-program.js';
import { CliSession } from './session/cli-session.js';
import { EXIT } from './session/exit-code.js';

const FULL: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EIO: 'the device failed',
};

/** The process of `launchlog`: signals, a closed pipe, one exit code. */
export async function main(): Promise<void> {
  const interrupt = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    // The first signal ends the command; a second one does not wait for that.
    process.on(signal, () => {
      if (interrupt.signal.aborted) process.exit(EXIT.interrupted);
      interrupt.abort();
    });
  }
  // `launchlog logs x | head` is no failure: the reader has seen enough.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.ok);
    const cause = FULL[error.code ?? ''] ?? error.code ?? 'it is closed';
    process.stderr.write(`launchlog: cannot write to standard output: ${cause}\n`);
    process.exit(EXIT.failed);
  });
  // Nobody reads standard error any more, so there is nobody to report it to.
  process.stderr.on('error', () => undefined);
  const { stdin, stdout, stderr, env: environment } = process;
  const folder = process.cwd();
  const interrupted = interrupt.signal;
  const session = new CliSession({ stdin, stdout, stderr, environment, folder, interrupted });
  process.exitCode = await runProgram(session, process.argv, await version());
  await session.close();
}

async function version(): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'));
  const found =
    typeof manifest === 'object' && manifest !== null && 'version' in manifest ? manifest.version : '';
  return String(found);
}
