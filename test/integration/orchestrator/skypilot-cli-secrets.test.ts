import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SkypilotCliOrchestrator } from '@launchlog/server/orchestrator/skypilot-cli-orchestrator';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { SkypilotApiStandIn } from '../../support/skypilot/api-stand-in.js';
import { SkypilotCliStandIn } from '../../support/skypilot/cli-stand-in.js';
import { hurriedClock } from '../../support/skypilot/hurried-clock.js';
import { SkypilotProgramHost } from '../../support/skypilot/program-host.js';
import { collect } from '../../support/collect.js';
import { skypilotLaunchSpec } from '../../support/skypilot/launch-spec.js';
import { WAIT_MS } from '../../support/within.js';

const never = new AbortController().signal;
const clock = hurriedClock(100);

describe('secrets of a launch and the program `sky`', () => {
  let sky: SkypilotCliStandIn;
  let opened: SkypilotCliOrchestrator[];

  beforeEach(() => {
    sky = new SkypilotCliStandIn();
    opened = [];
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    for (const orchestrator of opened) await orchestrator.close();
    await vi.waitUntil(() => sky.running().length === 0, { timeout: WAIT_MS });
    sky.remove();
  });

  function open(environment: Record<string, string> = {}, warn: (message: string) => void = () => undefined) {
    const orchestrator = new SkypilotCliOrchestrator({
      executable: sky.executable,
      environment: { PATH: '/usr/bin:/bin', ...environment },
      clock,
      otherRegions: false,
      warn,
    });
    opened.push(orchestrator);
    return orchestrator;
  }

  /** Names that make a shell, the dynamic linker, Node or Python do something. */
  function hostile(): Record<string, string> {
    return {
      SHELLOPTS: 'xtrace',
      PS4: `$(touch ${path.join(sky.folder, 'executed')})`,
      BASH_ENV: path.join(sky.folder, 'api-logs'),
      SSLKEYLOGFILE: path.join(sky.folder, 'key-log'),
      LD_PRELOAD: '/nonexistent/preload.so',
      NODE_OPTIONS: '--require=/nonexistent/preload.cjs',
      PYTHONSTARTUP: '/nonexistent/startup.py',
      PATH: '/nonexistent',
    };
  }

  test('no name of a secret has an effect on the process here', async () => {
    sky.requestIs('FAILED');
    await collect(open().launch(skypilotLaunchSpec({}, { secrets: hostile() }), never));
    expect(sky.calls('launch -y')).toBe(1);
    expect(existsSync(path.join(sky.folder, 'executed'))).toBe(false);
    const names = sky.read('launch-environment').split('\n').map(nameOf);
    expect(names).toContain('PATH');
    for (const name of Object.keys(hostile()).filter((one) => one !== 'PATH')) {
      expect(names).not.toContain(name);
    }
    expect(sky.read('launch-environment')).toContain('PATH=/usr/bin:/bin\n');
  });

  test('every secret reaches the node under its own name', async () => {
    const server = await SkypilotApiStandIn.start();
    const host = await SkypilotProgramHost.start();
    const orchestrator = new SkypilotCliOrchestrator({
      ...host.program(server.endpoint),
      otherRegions: false,
    });
    try {
      server.play('no-capacity');
      const secrets = { ...hostile(), HF_TOKEN: 'a"b\\c\r\n${HOME} $PATH é😀\\' };
      await collect(orchestrator.launch(skypilotLaunchSpec({}, { secrets }), never));
      expect(server.bodies.find((body) => 'secrets' in body)?.['secrets']).toEqual(secrets);
    } finally {
      await orchestrator.close();
      await host.close();
      await server.close();
    }
  });

  test('the values are in one file that only its owner reads, and it is removed', async () => {
    sky.requestIs('FAILED');
    // A folder of its own: other tests make task files at the same time.
    const temporary = mkdtempSync(path.join(tmpdir(), 'launchlog-secrets-'));
    vi.stubEnv('TMPDIR', temporary);
    const spec = skypilotLaunchSpec({}, { secrets: { HF_TOKEN: 'hf_abcdefgh' } });
    const seen = await collect(open().launch(spec, never));
    expect(sky.read('secrets')).toContain('hf_abcdefgh');
    expect(sky.read('modes')).toBe('600\n700\n');
    for (const text of [sky.read('calls'), sky.read('task'), sky.read('launch-environment')]) {
      expect(text).not.toBe('');
      expect(text).not.toContain('hf_abcdefgh');
    }
    expect(JSON.stringify(seen)).not.toContain('hf_abcdefgh');
    expect(readdirSync(temporary)).toEqual([]);
    rmSync(temporary, { recursive: true });
  });

  test('a local API server is started before the first launch, and no command of a launch starts one', async () => {
    sky.requestIs('FAILED');
    sky.does('api-start', 'sleep 0.3');
    const orchestrator = open();
    orchestrator.start();
    await collect(orchestrator.launch(skypilotLaunchSpec({}, { secrets: { HF_TOKEN: 'x1y2z3a4' } }), never));
    expect(sky.read('calls').split('\n')[0]).toBe('api start');
    const disabled = 'SKYPILOT_DISABLE_LOCAL_API_SERVER=1\n';
    expect(sky.read('api-start-environment')).not.toContain(disabled);
    for (const command of ['launch', 'api-status', 'api-logs']) {
      expect(sky.read(`${command}-environment`)).toContain(disabled);
    }
  });

  test('a local API server that cannot be started is reported once, and launches are still tried', async () => {
    sky.requestIs('FAILED');
    sky.does('api-start', 'echo "RuntimeError: the port is taken" >&2; exit 1');
    const warnings: string[] = [];
    const orchestrator = open({}, (message) => warnings.push(message));
    orchestrator.start();
    await collect(orchestrator.launch(skypilotLaunchSpec(), never));
    expect(sky.calls('launch -y')).toBe(1);
    await expect.poll(() => sky.calls('api start')).toBeGreaterThan(1);
    expect(warnings).toEqual([expect.stringContaining('the port is taken')]);
  });

  test('a configured API server is never started here', async () => {
    sky.requestIs('FAILED');
    const orchestrator = open({ SKYPILOT_API_SERVER_ENDPOINT: 'https://sky.example.org' });
    orchestrator.start();
    await collect(orchestrator.launch(skypilotLaunchSpec(), never));
    expect(sky.calls('api start')).toBe(0);
  });
});

function nameOf(line: string): string {
  return line.slice(0, line.indexOf('='));
}
