import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { buildSdk, CLI_PATH } from '../../support/package/built-sdk.js';
import { runNode } from '../../support/process/node-run.js';
import { PseudoTerminal } from '../../support/process/pseudo-terminal.js';
import { EdgeBehindNetwork } from '../../support/server/edge-behind-network.js';
import type { TestLog } from '../../support/server/edge-behind-network.js';
import { ADMIN_TOKEN } from '../../support/server/server-edge.js';

let behind: EdgeBehindNetwork;
let log: TestLog;
let environment: Record<string, string>;
let home: string;
let terminal: PseudoTerminal | undefined;

beforeAll(() => buildSdk());

beforeEach(async () => {
  behind = await EdgeBehindNetwork.start();
  log = await behind.addNode({ createdAt: new Date(Date.now() - 65_000).toISOString() });
  home = mkdtempSync(join(tmpdir(), 'launchlog-cli-'));
  environment = { HOME: home, LAUNCHLOG_URL: behind.url, LAUNCHLOG_TOKEN: ADMIN_TOKEN };
});

afterEach(async () => {
  terminal?.close();
  terminal = undefined;
  await behind.close();
  rmSync(home, { recursive: true, force: true });
});

const cli = (...args: string[]) => runNode([CLI_PATH, ...args], { environment });
const tty = (...args: string[]) =>
  (terminal = new PseudoTerminal([process.execPath, CLI_PATH, ...args], { environment }));
const lines = (text: string) => text.split('\n').filter((line) => line !== '');
const numbers = (text: string) => [...text.matchAll(/line (\d+)/g)].map((match) => Number(match[1]));
const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

describe('launchlog logs without a terminal', () => {
  test('prints the last entries as plain lines and exits 0', async () => {
    await log.append(5);
    const run = cli('logs', log.node.id, '--tail', '3');
    expect(await run.exitCode).toBe(0);
    expect(lines(run.stdout())).toEqual([3, 4, 5].map((seq) => `provisioning    line ${seq}`));
    expect(run.stderr()).toBe('');
  });

  test('-f exits 0 when the launch is active, and nothing but the log is on standard output', async () => {
    await log.append(2);
    const run = cli('logs', '-f', log.node.id.slice(0, 8));
    await expect.poll(() => lines(run.stdout()).length).toBe(2);
    await log.append(1);
    await log.end('active', 'vLLM answers');
    expect(await run.exitCode).toBe(0);
    expect(numbers(run.stdout())).toEqual([1, 2, 3]);
    expect(lines(run.stdout())).toHaveLength(4);
    expect(run.stderr()).toMatch(/active .*after \d+m \d\ds/);
  });

  test('-f reports how long a launch took, not how long ago it started', async () => {
    const createdAtMs = Date.now() - 7_200_000;
    const ended = await behind.addNode({
      status: 'active',
      phase: 'active',
      createdAt: new Date(createdAtMs).toISOString(),
      endedAt: new Date(createdAtMs + 90_000).toISOString(),
    });
    await ended.end('active', 'vLLM answers');
    const run = cli('logs', '-f', ended.node.id);
    expect(await run.exitCode).toBe(0);
    expect(run.stderr()).toMatch(/active .*after 1m 30s/);
  });

  test('a full disk behind standard output exits 1 and reports the cause', async () => {
    await log.append(1);
    const full = openSync('/dev/full', 'w');
    try {
      const run = spawn(process.execPath, [CLI_PATH, 'logs', log.node.id], {
        env: { ...environment, PATH: process.env['PATH'] },
        stdio: ['ignore', full, 'pipe'],
      });
      const stderr: Buffer[] = [];
      run.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk));
      expect(await new Promise((resolve) => run.on('close', resolve))).toBe(1);
      expect(Buffer.concat(stderr).toString()).toMatch(
        /cannot write to standard output: the disk is full\n$/,
      );
    } finally {
      closeSync(full);
    }
  });

  test('-f --tail 0 shows only what is new', async () => {
    await log.append(3);
    const run = cli('logs', '-f', log.node.id, '--tail', '0');
    await expect.poll(() => behind.edge.feed.readerCounts.live).toBe(1);
    await log.end('active', 'vLLM answers');
    expect(await run.exitCode).toBe(0);
    expect(lines(run.stdout())).toHaveLength(1);
    expect(run.stdout()).toContain('vLLM answers');
  });

  test('-f exits 1 when the launch failed', async () => {
    await log.end('failed', 'no quota for A100');
    const run = cli('logs', '-f', log.node.clusterName);
    expect(await run.exitCode).toBe(1);
    expect(run.stderr()).toContain('no quota for A100');
  });

  test('a server that dies and restarts loses no line and repeats none, and standard error reports it', async () => {
    await log.append(100);
    const run = cli('logs', '-f', log.node.id, '--tail', '1000');
    await expect.poll(() => lines(run.stdout()).length).toBe(100);
    await behind.network.down();
    await log.append(100);
    await expect.poll(() => run.stderr()).toContain('connection lost');
    await behind.network.up();
    await expect.poll(() => lines(run.stdout()).length).toBe(200);
    await log.end('active', 'ready');
    expect(await run.exitCode).toBe(0);
    expect(numbers(run.stdout())).toEqual(upTo(200));
    expect(run.stderr()).toContain('reconnected');
    expect(run.stderr().match(/connection lost/g)).toHaveLength(1);
  });

  test('Ctrl-C exits 130, leaves the running launch alone and prints how to follow it again', async () => {
    await log.append(1);
    const run = cli('logs', '-f', log.node.id);
    await expect.poll(() => lines(run.stdout()).length).toBe(1);
    run.signal('SIGINT');
    expect(await run.exitCode).toBe(130);
    expect(run.stderr()).toContain(`launchlog logs -f ${log.node.id}`);
    expect(behind.edge.launches.nodes.get(log.node.id)?.status).toBe('launching');
  });

  test('several nodes are one stream, each line begins with the name of its node, and one failure exits 1', async () => {
    const other = await behind.addNode({ clusterName: 'other' });
    await log.append(2);
    await other.append(2);
    await log.end('active', 'ready');
    await other.end('failed', 'gone');
    const run = cli('logs', '-f', log.node.id, other.node.id);
    expect(await run.exitCode).toBe(1);
    const printed = lines(run.stdout());
    expect(printed.filter((line) => line.startsWith(log.node.clusterName))).toHaveLength(3);
    expect(printed.filter((line) => line.startsWith('other'))).toHaveLength(3);
  });

  test('--json prints one object per line, without any control character of the log', async () => {
    await log.write('evil \u001b]0;owned\u0007 \u009b31m \u202e text');
    const run = cli('logs', log.node.id, '--json');
    expect(await run.exitCode).toBe(0);
    expect(run.stdout()).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    expect(JSON.parse(run.stdout())).toMatchObject({
      seq: 1,
      message: 'evil \u001b]0;owned\u0007 \u009b31m \u202e text',
    });
  });

  test('a pipe gets no colours and no control characters', async () => {
    await log.write('\u001b[31mred\u001b[0m \u001b[2J\u001b[H cleared\u0007');
    const run = cli('logs', log.node.id);
    await run.exitCode;
    expect(lines(run.stdout())).toEqual(['provisioning    red  cleared␇']);
  });

  test('a reader that closes the pipe ends the command quietly', async () => {
    await log.append(9_000);
    const command = `set -o pipefail; "${process.execPath}" "${CLI_PATH}" logs ${log.node.id} --tail 9000 | head -n 1`;
    const shell = spawn('bash', ['-c', command], { env: { PATH: process.env['PATH'], ...environment } });
    let printed = '';
    shell.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    const exitCode = await new Promise((resolve) => shell.once('close', resolve));
    expect(printed).toBe('provisioning    line 1\n');
    expect(exitCode).toBe(0);
  });
});

describe('launchlog logs -f on a terminal', () => {
  test('a bar with the phase is below the scrolling log, and is gone at the end', async () => {
    await log.append(3);
    const screen = tty('logs', '-f', log.node.id);
    const running = await screen.shows(/line 3\n[\s\S]*[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] provisioning {2}█+░+ +\d+% {2}1m \d\ds/);
    expect(numbers(running)).toEqual([1, 2, 3]);
    expect(screen.cursorVisible()).toBe(false);
    await log.append(60);
    await screen.shows(/line 63\n.*█/);
    await log.end('active', 'ready');
    expect(await screen.exitCode()).toBe(0);
    const text = screen.text(true);
    expect(numbers(text)).toEqual(upTo(63));
    expect(text).not.toContain('█');
    expect(text).toMatch(/active .*after \d+m \d\ds/);
    expect(screen.cursorVisible()).toBe(true);
  });

  test('a terminal that becomes narrower shows the bar once, and its history does not contain it', async () => {
    await log.append(3);
    const screen = tty('logs', '-f', log.node.id);
    await screen.shows(/line 3\n.*█/);
    screen.resize(30, 20);
    await log.append(2);
    await screen.shows(/line 5\n. provisioning {2,}.*%.*\n/);
    expect(screen.text(true).match(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/g)).toHaveLength(1);
    await log.end('active', 'ready');
    expect(await screen.exitCode()).toBe(0);
    expect(screen.text(true)).not.toMatch(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏█]/);
  });

  test('Ctrl-C shows the cursor, prints how to follow again and how to stop the launch, and exits 130', async () => {
    await log.append(1);
    const screen = tty('logs', '-f', log.node.id);
    await screen.shows(/line 1\n.*█/);
    screen.type('C-c');
    expect(await screen.exitCode()).toBe(130);
    expect(screen.text()).toContain(`launchlog logs -f ${log.node.id}`);
    expect(screen.text()).toContain(`launchlog cancel ${log.node.id}`);
    expect(screen.cursorVisible()).toBe(true);
  });

  test('a log line cannot move the cursor, clear the screen or set the title, but keeps its colours', async () => {
    await log.write('before');
    await log.write(
      '\u001b[2J\u001b[1;1Hhidden\u001b]0;owned\u0007 \u001b[32mgreen\u001b[0m\rbar 10%\rbar 90%',
    );
    await log.write('\u001b[32mgreen\u001b[0m after');
    const screen = tty('logs', '-f', log.node.id);
    const text = await screen.shows(/green after/);
    expect(text).toMatch(/before\nprovisioning {4}bar 90%\nprovisioning {4}green after/);
    expect(screen.styledText()).toMatch(/\u001b\[32mgreen/);
  });

  test('a lost connection is reported, shown in the bar, and restored without a lost or repeated line', async () => {
    await log.append(5);
    const screen = tty('logs', '-f', log.node.id);
    await screen.shows(/line 5\n.*█/);
    await behind.network.down();
    await screen.shows(/connection lost/);
    await screen.shows(/█.*reconnecting …/);
    await log.append(5);
    await behind.network.up();
    await screen.shows(/line 10/);
    await log.end('failed', 'nothing left');
    expect(await screen.exitCode()).toBe(1);
    expect(numbers(screen.text(true))).toEqual(upTo(10));
  });

  test('--no-color and NO_COLOR disable colours', async () => {
    await log.write('\u001b[32mgreen\u001b[0m');
    const screen = tty('logs', log.node.id, '--no-color');
    await screen.exitCode();
    expect(screen.styledText()).not.toMatch(/\u001b\[3\dm/);
  });
});

describe('exit codes', () => {
  test('an invalid flag exits 2 and is named', async () => {
    for (const [args, words] of [
      [['logs', log.node.id, '--tail', '10001'], '--tail must be a whole number from 0 to 10000, or all'],
      [['logs', log.node.id, '--since', 'someday'], '--since must be a duration'],
      [['logs', log.node.id, '--level', 'loud'], '--level must be one of'],
      [['logs', log.node.id, '--grep', '('], '--grep must be an RE2 expression'],
      [['logs'], 'name one or more nodes'],
      [['logs', log.node.id, '--frobnicate'], 'unknown option'],
    ] as const) {
      const run = cli(...args);
      expect(await run.exitCode).toBe(2);
      expect(run.stderr()).toContain(words);
    }
  });

  test('a server that does not answer or refuses the token exits 3', async () => {
    const refused = runNode([CLI_PATH, 'logs', '-f', log.node.id], {
      environment: { ...environment, LAUNCHLOG_TOKEN: 'wrong' },
    });
    expect(await refused.exitCode).toBe(3);
    expect(refused.stderr()).toContain("invalid admin token: run 'launchlog login'");
    await behind.network.down();
    const run = cli('logs', '-f', log.node.id);
    expect(await run.exitCode).toBe(3);
    expect(run.stderr()).toContain('cannot reach the server');
  });

  test('an unknown node exits 1', async () => {
    const run = cli('logs', 'nobody');
    expect(await run.exitCode).toBe(1);
    expect(run.stderr()).toBe("launchlog: node not found: nobody; 'launchlog list' shows all names\n");
  });
});
