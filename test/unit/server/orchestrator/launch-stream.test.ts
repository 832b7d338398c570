import { describe, expect, test } from 'vitest';
import { Observer } from '@launchlog/server/orchestrator/observer';
import { LineSplitter } from '@launchlog/server/orchestrator/output/line-splitter';
import { LogRedactor } from '@launchlog/server/redaction/redactor';

const HINT = '  \\u001b[2mView logs: \\u001b[1msky logs --provision a2\\u001b[0m\\u001b[0m';
const RULE = '-'.repeat(83);

function payload(tag: string, text = ''): string {
  return `<sky-payload>"<${tag}>${text}</${tag}>"</sky-payload>\n`;
}

function spinner(text: string): string {
  return payload('rich_update', `[bold cyan]${text}[/]${HINT}`);
}

function table(region: string): string {
  return [
    'Considered resources (1 node):\n',
    `${RULE}\r\n`,
    ' INFRA                INSTANCE      vCPUs   Mem(GB)   GPUS     COST ($)   CHOSEN   \r\n',
    `${RULE}\r\n`,
    ` Lambda (${region})   gpu_1x_a100   30      200       A100:1   1.29       \u001b[32m   ✔\u001b[0m     \r\n`,
    `${RULE}\n`,
  ].join('');
}

const launching = (region: string) => `\u001b[0m⚙︎ Launching on Lambda ${region}\u001b[0m.\n`;

function refused(region: string, words: string): string {
  return [
    launching(region),
    `\u001b[2mW 11-23 11:22:48.251 PID=17474 instance.py:125] run_instances error: ${words}\u001b[0m\n`,
    `sky.exceptions.ResourcesUnavailableError: Failed to acquire resources in all zones in ${region} for {Lambda({'A100': 1})}. \n`,
    '\r\n\u001b[0m\u001b[33m↺\u001b[0m Trying other potential resources.\n',
  ].join('');
}

const BEGIN =
  payload('rich_init', '[bold cyan]Optimizing[/]') + payload('rich_start', '[bold cyan]Optimizing[/]');
const NO_CAPACITY =
  'instance-operations/launch/insufficient-capacity: Not enough capacity to fulfill launch request.';
const NO_QUOTA = 'global/quota-exceeded: Quota exceeded for gpu_1x_a100';
const UP = [
  launching('us-west-1'),
  spinner('Launching - Checking instance status'),
  spinner('Launching - Waiting for SSH access'),
  payload('heartbeat'),
  '\u001b[2m└── \u001b[0m\u001b[2mInstance is up.\u001b[0m\n',
  spinner('Preparing SkyPilot runtime (1/3 - initializing)'),
].join('');
const LAUNCHED = [
  spinner('Preparing SkyPilot runtime (3/3 - runtime)'),
  spinner('Launching - Checking instance status'),
  '\u001b[0m\u001b[32m✓ Cluster launched: a2.\u001b[0m\u001b[0m\n',
  payload('rich_exit'),
  '\u001b[0m⚙︎ Job submitted, ID: 1\n\n\u001b[?25h',
].join('');

/** The bytes in SkyPilot's `console` format. */
const STREAMS = {
  success: BEGIN + table('us-west-1') + UP + LAUNCHED,
  failover:
    BEGIN + table('us-east-1') + refused('us-east-1', NO_CAPACITY) + table('us-west-1') + UP + LAUNCHED,
  quota: BEGIN + table('us-east-1') + refused('us-east-1', NO_QUOTA) + refused('us-west-1', NO_QUOTA),
  'runtime failure': `${BEGIN + table('us-west-1') + UP}\u001b[0m\u001b[31m⨯\u001b[0m Failed to set up SkyPilot runtime on cluster.  \u001b[2mView logs: x\u001b[0m\n`,
  cancel: `${BEGIN + table('us-west-1') + launching('us-west-1')}\n\u001b[?25hRequest 71cd0cad cancelled by user\n'sky.launch' request 71cd0cad cancelled\n`,
} as const;

function linesOf(chunks: readonly Uint8Array[]): string[] {
  const splitter = new LineSplitter();
  return [...chunks.flatMap((chunk) => splitter.push(chunk)), ...splitter.end()];
}

function observe(lines: readonly string[]) {
  const observer = new Observer({ kind: 'skypilot-api', redactor: new LogRedactor() });
  const seen = lines.flatMap((text) => observer.observe({ kind: 'line', stream: 'launch', text }) ?? []);
  return { observer, seen, kinds: seen.flatMap(({ event }) => event?.kind ?? []) };
}

const streams = Object.entries(STREAMS).map(([name, text]) => [name, Buffer.from(text)] as const);

describe('a stream of SkyPilot’s server', () => {
  test.each(streams)('%s means the same wherever its bytes are cut', (_, bytes) => {
    const whole = linesOf([bytes]);
    for (let cut = 1; cut < bytes.length; cut += 1) {
      // The observer sees lines only: the same lines mean the same.
      expect(linesOf([bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual(whole);
    }
  });

  test.each(streams)('%s shows no control text', (_, bytes) => {
    for (const { message } of observe(linesOf([bytes])).seen) {
      for (const raw of ['sky-payload', 'rich_', '[bold', '\u001b', '\r', 'View logs'])
        expect(message).not.toContain(raw);
      expect(message.trim()).not.toBe('');
    }
  });

  test('that succeeds has its offer priced, tried, up and installed', () => {
    const { kinds } = observe(linesOf([Buffer.from(STREAMS.success)]));
    expect([...new Set(kinds)]).toEqual([
      'offer_priced',
      'offer_tried',
      'provisioning_step',
      'instance_up',
      'installing_step',
    ]);
  });

  test('that fails over reports the first refusal in the cloud’s words, and the second instance', () => {
    const { seen, kinds } = observe(linesOf([Buffer.from(STREAMS.failover)]));
    expect(seen.find(({ event }) => event?.kind === 'offer_failed')?.event).toMatchObject({
      reason: 'no_capacity',
      message: NO_CAPACITY,
    });
    expect(kinds.filter((kind) => kind === 'offer_tried').length).toBe(2);
    expect(kinds.indexOf('instance_up')).toBeGreaterThan(kinds.lastIndexOf('offer_tried'));
  });

  test.each([
    ['quota', 'no_capacity', { reason: 'quota', message: expect.stringContaining(NO_QUOTA) }],
    ['runtime failure', 'unknown', { reason: 'setup_failed', message: expect.stringContaining('runtime') }],
    ['cancel', 'cancelled', { reason: 'cancelled', message: 'as told' }],
  ] as const)('%s: a failure reported as %s is explained by what was printed', (name, reason, event) => {
    const { observer } = observe(linesOf([Buffer.from(STREAMS[name])]));
    expect(observer.observe({ kind: 'failed', reason, message: 'as told' })?.event).toMatchObject(event);
  });
});
