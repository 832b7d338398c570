import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createLaunchlogClient } from '@launchlog/sdk';
import { buildSdk, CLI_PATH, LAUNCH_FLAGS } from '../../support/package/built-sdk.js';
import { runNode } from '../../support/process/node-run.js';
import { AppProcess } from '../../support/server/app-process.js';

let app: AppProcess | undefined;

beforeAll(() => buildSdk());
afterEach(() => app?.close());

describe('launchlog launch --follow against the real server', () => {
  test.each(['SIGKILL', 'SIGTERM'] as const)(
    'a server that is ended by %s during a launch and restarted loses no line, repeats none, and the launch becomes active',
    async (signal) => {
      app = await AppProcess.start({ SIMULATOR_SPEED: '30' });
      const environment = { HOME: '/nonexistent', LAUNCHLOG_URL: app.url, LAUNCHLOG_TOKEN: app.token };
      const run = runNode([CLI_PATH, 'launch', ...LAUNCH_FLAGS, '--follow', '--json'], { environment });
      await expect.poll(run.stdout).toContain('"phase":"installing"');
      await app.down(signal);
      await expect.poll(run.stderr).toContain('connection lost');
      await app.up();
      expect(await run.exitCode).toBe(0);
      expect(run.stderr()).toContain('reconnected');
      const shown = run
        .stdout()
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { seq: number });
      const client = createLaunchlogClient({ url: app.url, token: app.token });
      const { nodes } = await client.listNodes();
      const stored = await client.logs(nodes[0]?.id ?? '', { tail: 10_000 });
      await client.close();
      expect(nodes).toHaveLength(1);
      expect(shown).toEqual(stored.logs);
      expect(shown.map((entry) => entry.seq)).toEqual(shown.map((_, index) => index + 1));
    },
  );
});
