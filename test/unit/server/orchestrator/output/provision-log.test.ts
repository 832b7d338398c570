import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Observer } from '@launchlog/server/orchestrator/observer';
import { LineSplitter } from '@launchlog/server/orchestrator/output/line-splitter';
import { ProvisionLogReader } from '@launchlog/server/orchestrator/output/provision-log-reader';
import { LogRedactor } from '@launchlog/server/redaction/redactor';

const RECORDED = new URL('../../../../fixtures/skypilot/streams/success.provision.raw', import.meta.url);
const START =
  'I 11-26 18:40:31.630 PID=1 common.py:394] --------------------Start: setup_runtime_on_cluster --------------------';

function shown(lines: readonly string[]) {
  const reader = new ProvisionLogReader();
  return lines.flatMap((line) => reader.line(line) ?? []);
}

test('the recorded log shows the steps on the machine, and nothing that is internal or known', () => {
  const splitter = new LineSplitter();
  const lines = [...splitter.push(readFileSync(RECORDED)), ...splitter.end()];
  expect(shown(lines)).toEqual([
    { level: 'info', message: 'Preparing SkyPilot runtime: internal file mounts' },
    { level: 'info', message: 'Preparing SkyPilot runtime: setup runtime on cluster' },
    { level: 'debug', message: 'Starting Ray on the entire cluster.' },
    { level: 'info', message: 'Preparing SkyPilot runtime: start ray on head node' },
    { level: 'info', message: 'Preparing SkyPilot runtime: start skylet on head node' },
  ]);
});

test('what the programs on the machine print is detail, bars are thinned out, and a warning stays one', () => {
  const bars = Array.from(
    { length: 100 },
    (_, percent) => `ray.whl: ${percent}%|█ | ${percent}/100 [00:01<00:02]`,
  );
  const seen = shown([
    'Resolved 1 package, before',
    START,
    'Resolved 55 packages in 1.2s',
    ...bars,
    'W 11-26 18:40:31.630 PID=1 x.py:1] slow mirror',
    '',
  ]);
  expect(seen.slice(0, 2)).toEqual([
    { level: 'info', message: 'Preparing SkyPilot runtime: setup runtime on cluster' },
    { level: 'debug', message: 'Resolved 55 packages in 1.2s' },
  ]);
  expect(seen.at(-1)).toEqual({ level: 'warn', message: 'slow mirror' });
  expect(seen.length).toBeLessThan(15);
});

test('a machine that cannot be reached any more is a warning, although SkyPilot takes it for a reboot', () => {
  const lost = [
    'ssh: connect to host 10.149.61.4 port 22: No route to host',
    'I 11-27 01:16:12.101 PID=7 instance_setup.py:456] Network connection issue during setup, this is likely due to the reboot of the instance. Retrying setup in 10 seconds.',
  ];
  expect(shown([START, 'Resolved 55 packages in 1.2s', ...lost]).slice(1)).toEqual([
    { level: 'debug', message: 'Resolved 55 packages in 1.2s' },
    { level: 'warn', message: 'ssh: connect to host 10.149.61.4 port 22: No route to host' },
    {
      level: 'warn',
      message:
        'Network connection issue during setup, this is likely due to the reboot of the instance. Retrying setup in 10 seconds.',
    },
  ]);
});

test('a machine that prints without end adds a thousand lines and a notice', () => {
  const seen = shown([START, ...Array.from({ length: 5_000 }, (_, at) => `line ${at}`)]);
  expect(seen).toHaveLength(1_001);
  expect(seen.at(-1)?.message).toContain('left out');
});

describe('events of the cluster that come late', () => {
  const observer = () => new Observer({ kind: 'skypilot-api', redactor: new LogRedactor() });
  const line = (text: string) => ({ kind: 'line', stream: 'launch', text }) as const;
  const event = (text: string) => ({ kind: 'cluster_event', text }) as const;

  test('do not speak of what the output has passed', () => {
    const watching = observer();
    watching.observe(line('⚙︎ Launching on Lambda us-east-1.'));
    watching.observe(line('└── Instance is up.'));
    for (const text of [
      'Provisioning on Lambda in us-east-1',
      'Launching (1 pod(s) pending due to autoscaling)',
      'Instances launched on us-east-1 (default-zone)',
      'Setting up SkyPilot runtime on cluster',
    ])
      expect(watching.observe(event(text))).toBeUndefined();
    expect(watching.observe(event('Cluster successfully provisioned with 1 nodes'))?.event).toEqual({
      kind: 'installing_step',
      fraction: 0.4,
    });
    expect(watching.observe(event('[kubernetes pod x terminated] Evicted'))?.level).toBe('debug');
  });

  test('are news where the output has no spinner, and again for the next offer', () => {
    const watching = observer();
    for (const region of ['us-east-1', 'us-west-2']) {
      watching.observe(line(`⚙︎ Launching on Lambda ${region}.`));
      expect(watching.observe(event('Instances launched on the cloud'))?.event).toEqual({
        kind: 'provisioning_step',
        fraction: 0.5,
      });
    }
  });
});
