import { execFileSync } from 'node:child_process';
import { runInNewContext } from 'node:vm';
import { Command } from 'commander';
import { expect, test } from 'vitest';
import { formOf } from '@launchlog/console/launch/again/changed-form';
import { FIRST_LAUNCH_FORM, type LaunchForm } from '@launchlog/console/launch/launch-form';
import { readLaunchForm } from '@launchlog/console/launch/read-launch-form';
import { cliWords, launchCommand } from '@launchlog/console/request/launch-command';
import { camelCaseKeys } from '@launchlog/shared/wire-case';
import { addLaunchFlags, launchRequestOf } from '@launchlog/sdk/cli/command/launch-flags';
import { launchRequestSchema } from '@launchlog/shared/launch-request';
import { launchRequest } from '../../../support/sample/new-node.js';

const FORMS: readonly LaunchForm[] = [
  FIRST_LAUNCH_FORM,
  {
    ...FIRST_LAUNCH_FORM,
    maxHourlyCost: '12.5',
    onLoss: 'relaunch',
    relaunchesPerHour: '2',
    relaunchUnreachableAfter: '10m',
    terminateAfter: '3d',
    terminateWhenIdle: '90m',
    keepOnFailure: true,
    useSpot: false,
    labels: 'team=search\nowner=me',
    envs: 'A=b=c',
    anyOf: [
      { provider: 'aws', region: '', gpu: '', count: '', spot: '' },
      { provider: 'gcp', region: 'us-central1', gpu: 'H100', count: '2', spot: 'spot' },
      { provider: '', region: '', gpu: 'L4', count: '', spot: 'on demand' },
    ],
  },
  {
    ...Object.fromEntries(
      Object.entries(FIRST_LAUNCH_FORM).map(([name, value]) => [
        name,
        typeof value === 'string' ? '' : value,
      ]),
    ),
    useSpot: false,
    gpuCount: '1',
    diskSize: '256',
    gpuMemoryUtilization: '0.95',
    taskYaml: 'run: |\n  echo "it\'s $HOME"\n',
    readyPath: '/up?x=1',
    readyPort: '30000',
    readyText: 'is  "ready"',
    terminateWhenIdle: '2h',
  } as LaunchForm,
];
const ASKED = FORMS.map((form) => {
  const result = readLaunchForm(form);
  if (!result.ok) throw new Error(JSON.stringify(result.errors));
  return result.request;
});

const REQUESTS = [
  ...ASKED,
  launchRequest(),
  launchRequest({ region: undefined, useSpot: false, gpuCount: 4, tensorParallel: 2, keepOnFailure: true }),
  launchRequest({
    vllmArgs: `--served-model-name "it's $HOME \`x\`" --max-model-len 4096`,
    envs: { GREETING: "it's = fine", EMPTY: '' },
    labels: { team: 'search' },
    anyOf: [
      { gpu: 'H100', spot: false },
      { provider: 'gcp', gpu: 'L4', count: 2 },
    ],
    useRunaiStreamer: true,
    streamerMemoryLimit: -1,
    deploymentId: 'chat',
    simulatorScenario: 'quota',
  }),
];

test('a form becomes a request, and the request the same form again', () => {
  expect(ASKED.map((request) => formOf(request))).toEqual(FORMS);
});

test.each(REQUESTS)('the flags of the command line mean the same launch: %j', (request) => {
  const command = addLaunchFlags(new Command());
  command.parse(cliWords({ request, secretNames: [] }), { from: 'user' });
  // `--task-file -` reads the standard input.
  const { taskYaml } = request;
  const flags = { ...command.opts(), ...(taskYaml !== undefined && { taskFile: taskYaml }) };
  // Without a flag, machines are spot machines where there are some.
  const useSpot = request.useSpot === true ? undefined : request.useSpot;
  expect(launchRequestSchema.parse(launchRequestOf(flags, {}))).toEqual({ ...request, useSpot });
});

test('a task is piped into the command line as it is', () => {
  const taskYaml = `envs: {A: "it's $HOME"}\nrun: |\n  echo \`x\`\n`;
  const request = launchRequest({ taskYaml, ready: { path: '/up', port: 30_000 }, labels: { team: 'a' } });
  const text = launchCommand('cli', 'https://a.example', { request, secretNames: [] });
  const script = `launchlog() { printf '%s\\n' "$*"; cat; }\n${text}`;
  const [words, ...task] = execFileSync('sh', ['-c', script]).toString().split('\n');
  expect(words).toContain('launch --task-file - --ready-path /up --ready-port 30000');
  expect(words).toContain('--label team=a');
  expect(task.join('\n')).toBe(taskYaml);
});

test.each(REQUESTS)('a shell reads the curl command as the same launch: %j', (request) => {
  const text = launchCommand('curl', 'https://a.example/x', { request, secretNames: ['HF_TOKEN', 'KEY'] });
  const script = `curl() { for last; do :; done; printf %s "$last"; }\n${text}`;
  const body = execFileSync('sh', ['-c', script], { env: { HF_TOKEN: 'one', KEY: 'two' } }).toString();
  const { secrets, ...sent } = launchRequestSchema.parse(camelCaseKeys(JSON.parse(body) as object));
  expect(sent).toEqual(request);
  expect(secrets).toEqual({ HF_TOKEN: 'one', KEY: 'two' });
  expect(text).toContain('https://a.example/x/admin/nodes/launch');
});

test('fields of a newer server are kept, under the name that their flag most likely has', () => {
  const request = { ...launchRequest(), fancyMode: 'on' };
  expect(cliWords({ request, secretNames: ['KEY'] }).join(' ')).toContain('--fancy-mode on --secret KEY');
});

test.each(REQUESTS)('the program asks for the same launch: %j', (request) => {
  const text = launchCommand('sdk', 'https://a.example', { request, secretNames: [] });
  const [, fields = ''] = /launchAndWait\((\{[\s\S]*\})\);\nconsole/.exec(text) ?? [];
  const sent = runInNewContext(`JSON.stringify(${fields})`) as string;
  expect(launchRequestSchema.parse(JSON.parse(sent))).toEqual(request);
});

test('a program takes secrets from its environment', () => {
  const text = launchCommand('sdk', 'https://a.example', { request: launchRequest(), secretNames: ['KEY'] });
  expect(text).toContain(`KEY: env.KEY ?? ''`);
  expect(text).toContain('model: "meta-llama/Llama-3.1-8B-Instruct"');
});
