import type { LaunchSpec, Observation } from '@launchlog/server/orchestrator/orchestrator';
import { SkypilotCliOrchestrator } from '@launchlog/server/orchestrator/skypilot-cli-orchestrator';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { SkypilotCliStandIn } from '../../support/skypilot/cli-stand-in.js';
import { hurriedClock } from '../../support/skypilot/hurried-clock.js';
import { collect } from '../../support/collect.js';
import { skypilotLaunchSpec, textOf } from '../../support/skypilot/launch-spec.js';
import { WAIT_MS } from '../../support/within.js';

const hurried = hurriedClock(100, 30);
const never = new AbortController().signal;

describe('a launch through the command line', () => {
  let sky: SkypilotCliStandIn;
  let orchestrator: SkypilotCliOrchestrator;

  beforeEach(() => {
    sky = new SkypilotCliStandIn();
    orchestrator = open(sky.executable);
  });
  afterEach(async () => {
    await orchestrator.close();
    await vi.waitUntil(() => sky.running().length === 0, { timeout: WAIT_MS });
    sky.remove();
  });

  function open(executable: string): SkypilotCliOrchestrator {
    return new SkypilotCliOrchestrator({
      executable,
      environment: { PATH: '/usr/bin:/bin' },
      clock: hurried,
      otherRegions: false,
      warn: () => undefined,
    });
  }

  async function launch(spec: LaunchSpec = skypilotLaunchSpec()): Promise<Observation[]> {
    return collect(orchestrator.launch(spec, never));
  }

  test('reports a refusal in the words of SkyPilot', async () => {
    sky.requestIs('FAILED');
    sky.does(
      'api-logs',
      'echo "sky.exceptions.NoCloudAccessError: Cloud access is not set up. Run: sky check" >&2; exit 1',
    );
    expect((await launch()).at(-1)).toEqual({
      kind: 'failed',
      reason: 'credentials',
      message: 'Cloud access is not set up. Run: sky check',
      hint: 'Check the credentials of the provider where SkyPilot runs: `sky check`.',
    });
  });

  /** As 0.14.1 prints it. */
  function info(client: string, server: string): string {
    return `SkyPilot client version: ${client}, commit: 7e59\nUsing SkyPilot API server and dashboard: http://127.0.0.1:1\n├── Status: ApiServerStatus.HEALTHY, commit: b94d-dirty, version: ${server}\n├── User: root (fcd1e5cf)\n💡 A new version of SkyPilot is available: 0.14.1 (you have ${server})\n`;
  }

  test.each([
    ['0.11.2', '0.14.1', 'SkyPilot 0.11.2 is too old: Launchlog needs 0.12 or newer'],
    ['0.14.1', '0.11.2', 'SkyPilot 0.11.2 (the API server of sky) is too old: Launchlog needs 0.12 or newer'],
  ])(
    'sky %s of a server %s is refused in one sentence before anything is submitted',
    async (client, server, message) => {
      sky.answers('api-info', info(client, server));
      expect((await launch()).at(-1)).toEqual({ kind: 'failed', reason: 'unknown', message });
      expect(sky.calls('api status') + sky.calls('launch')).toBe(0);
    },
  );

  test('the versions are asked again until the server has named one that is new enough', async () => {
    sky.requestIs('FAILED');
    const named: boolean[] = [];
    for (const answer of ['Could not connect to SkyPilot API server\n', info('0.12.0', '0.13.0'), '']) {
      sky.answers('api-info', answer);
      const seen = await launch();
      named.push(
        seen.some((one) => one.kind === 'action' && one.message.includes('SkyPilot 0.13.0 through')),
      );
    }
    expect(named).toEqual([false, true, true]);
    expect(sky.calls('api info')).toBe(2);
  });

  test('a word that `sky` does not know is named in the reason', async () => {
    sky.does('api-status', `printf "Usage: sky api status\\n\\nError: No such option: -c\\n" >&2; exit 2`);
    expect((await launch()).at(-1)).toMatchObject({
      kind: 'failed',
      message: 'sky ended with exit code 2: No such option: -c',
    });
  });

  test('a missing `sky` fails the launch and names the file', async () => {
    await orchestrator.close();
    orchestrator = open('/nonexistent/sky');
    expect((await launch()).at(-1)).toMatchObject({
      kind: 'failed',
      message: expect.stringContaining('/nonexistent/sky cannot be started (ENOENT)'),
    });
  });

  test('a `sky` that hangs is stopped with its child processes, and the launch fails', async () => {
    sky.does('launch', 'sleep 600 & echo $! >> "$folder/pids"; sleep 600');
    const last = (await launch()).at(-1);
    expect(last).toMatchObject({ kind: 'failed', message: expect.stringContaining('did not end within') });
    await expect.poll(() => sky.running()).toEqual([]);
  });

  test('a `sky` that exits non-zero fails the launch with its last lines', async () => {
    sky.does('launch', 'echo "first" >&2; echo "ValueError: no such region" >&2; exit 1');
    expect((await launch()).at(-1)).toMatchObject({ kind: 'failed', message: 'no such region' });
  });

  test('a `sky` that dies while it follows is run again, and no line is repeated', async () => {
    sky.requestIs('RUNNING');
    const lines = Array.from({ length: 20 }, (_, at) => `line ${at}`);
    sky.answers('all', `${lines.join('\n')}\n`);
    sky.does(
      'api-logs',
      `if [ -e "$folder/again" ]; then cat "$folder/all"; sed -i s/RUNNING/FAILED/ "$folder/records"; exit 1; fi
       touch "$folder/again"; head -7 "$folder/all"; printf 'line'; kill -9 $$`,
    );
    const seen = await launch();
    // A dying program leaves half a line; complete lines are not repeated.
    expect(
      textOf(seen, 'launch')
        .split('\n')
        .filter((line) => /^line \d+$/.test(line)),
    ).toEqual(lines);
    expect(sky.calls('api logs')).toBe(2);
  });

  test('another process resumes the stored request and submits nothing', async () => {
    sky.requestIs('CANCELLED');
    sky.answers('api-logs', 'one\ntwo\nthree\n');
    sky.answers('calls', 'launch before\n');
    const seen = await launch({
      ...skypilotLaunchSpec(),
      handle: JSON.stringify({ requestId: sky.requestId }),
      checkpoint: JSON.stringify({ launch: 2, job: 0 }),
    });
    expect(textOf(seen)).toBe('three');
    expect(seen.at(-1)).toMatchObject({ kind: 'failed', reason: 'cancelled' });
    expect(sky.calls('launch -y')).toBe(0);
  });

  test('the signal ends the running `sky` and leaves the cloud alone', async () => {
    sky.requestIs('RUNNING');
    sky.does('api-logs', 'echo here; sleep 600 & echo $! >> "$folder/pids"; wait');
    const stop = new AbortController();
    for await (const one of orchestrator.launch(skypilotLaunchSpec(), stop.signal)) {
      if (one.kind === 'line') stop.abort();
    }
    await expect.poll(() => sky.running()).toEqual([]);
    expect(sky.calls('api cancel') + sky.calls('down')).toBe(0);
  });

  test('tearing down cancels the request and removes the cluster', async () => {
    sky.requestIs('RUNNING');
    sky.answers('calls', 'launch before\n');
    const spec = skypilotLaunchSpec();
    sky.answers('status', JSON.stringify([{ name: spec.clusterName, status: 'INIT' }]));
    sky.does('api-cancel', 'sed -i s/RUNNING/CANCELLED/ "$folder/records"');
    sky.does('down', `echo '[]' > "$folder/status"`);
    await collect(orchestrator.tearDown(spec, never));
    expect(sky.read('calls')).toMatch(
      new RegExp(`api cancel -y ${sky.requestId}[^]*down -y ${spec.clusterName}`),
    );
  });
});
