import { spawn } from 'node:child_process';

interface NodeRun {
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly exitCode: Promise<number | null>;
  readonly signal: (name: NodeJS.Signals) => void;
}

interface NodeRunOptions {
  readonly environment: Readonly<Record<string, string>>;
  readonly stdin?: string;
}

/** Starts a Node program without a terminal, in its own environment. */
export function runNode(args: readonly string[], { environment, stdin = '' }: NodeRunOptions): NodeRun {
  const child = spawn(process.execPath, [...args], {
    env: { PATH: process.env['PATH'], ...environment },
    stdio: 'pipe',
  });
  const text = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text.stdout += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (text.stderr += chunk));
  child.stdin.end(stdin);
  const exitCode = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return {
    stdout: () => text.stdout,
    stderr: () => text.stderr,
    exitCode,
    signal: (name) => child.kill(name),
  };
}
