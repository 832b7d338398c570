import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { runProgram } from '@launchlog/sdk/cli/run-program';
import { CliSession } from '@launchlog/sdk/cli/session/cli-session';

interface CliRunOptions {
  readonly environment: Readonly<Record<string, string>>;
  /** Default: one without a server. */
  readonly folder?: string;
  /** Ctrl-C. */
  readonly interrupted?: AbortSignal;
}

interface CliRun {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line in this process, without a terminal: as the program does, but for its signals. */
export async function runCli(args: readonly string[], options: CliRunOptions): Promise<CliRun> {
  const { environment, folder = '/nonexistent', interrupted = new AbortController().signal } = options;
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  stdin.end();
  const written = Promise.all([text(stdout), text(stderr)]);
  const session = new CliSession({
    stdin: stdin as unknown as NodeJS.ReadStream,
    stdout: stdout as unknown as NodeJS.WriteStream,
    stderr: stderr as unknown as NodeJS.WriteStream,
    environment: { ...environment },
    folder,
    interrupted,
  });
  const exitCode = await runProgram(session, ['node', 'launchlog', ...args], '0.0.0');
  await session.close();
  stdout.end();
  stderr.end();
  const [out, err] = await written;
  return { exitCode, stdout: out, stderr: err };
}
