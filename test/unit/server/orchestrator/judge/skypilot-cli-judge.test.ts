import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '@launchlog/server/clock';
import { pythonOfProgram } from '@launchlog/server/orchestrator/judge/python-of-program';
import { SkypilotCliJudge } from '@launchlog/server/orchestrator/judge/skypilot-cli-judge';
import { skypilotLaunchSpec } from '../../../../support/skypilot/launch-spec.js';

let folder: string;
let judge: SkypilotCliJudge;
const file = (name: string) => path.join(folder, name);

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sky-python-'));
});
afterEach(() => {
  judge?.close();
  rmSync(folder, { recursive: true, force: true });
});

function write(name: string, text: string): string {
  writeFileSync(file(name), text);
  chmodSync(file(name), 0o755);
  return file(name);
}

/** A program `sky` whose interpreter runs these lines of shell in place of Python. */
function open(script: string, first = `#!${file('python3')}`): SkypilotCliJudge {
  write('python3', `#!/bin/bash\necho "\${@:3:1}" >> ${file('asked')}\n${script}\n`);
  const executable = write('sky', `${first}\nimport sky\n`);
  judge = new SkypilotCliJudge({
    executable,
    environment: { PATH: folder + ':/usr/bin:/bin' },
    clock: systemClock,
  });
  return judge;
}

const line = (name: string, spot: boolean, ports: boolean) =>
  `echo 'launchlog-traits ${JSON.stringify({ name, spot, ports })}'`;
const asked = () => readFileSync(file('asked'), 'utf8').trim().split('\n');

test('the traits of all clouds are asked for once, and those of Kubernetes only where a launch names it', async () => {
  const made = open(`
    if [ "$3" = networked ]; then ${line('kubernetes', true, true)}; exit; fi
    echo 'A notice of today'; echo 'launchlog-traits {"name": 7}'; echo 'launchlog-traits nonsense'
    ${line('vast', true, false)}
    ${line('aws', true, true)}`);
  made.start();
  const [vast, aws, unknown] = await Promise.all(['vast', 'aws', 'nowhere'].map((name) => made.traits(name)));
  expect([vast, aws, unknown]).toEqual([{ spot: true, ports: false }, { spot: true, ports: true }, {}]);
  expect(asked()).toEqual(['local']);
  expect(await made.traits('kubernetes')).toEqual({ spot: true, ports: true });
  expect(await made.traits('kubernetes')).toEqual({ spot: true, ports: true });
  expect(asked()).toEqual(['local', 'networked']);
});

test('a launch that cannot be reached, or has no such machine, is refused; another one is not', async () => {
  const made = open(`${line('vast', false, true)}\n${line('gcp', true, false)}\n${line('aws', true, true)}`);
  const refusal = (request: object) => made.refusalOf(skypilotLaunchSpec(request));
  expect(await refusal({ provider: 'vast', useSpot: true })).toBe('vast has no spot machines');
  expect(await refusal({ provider: 'vast', useSpot: false })).toBeUndefined();
  expect(await refusal({ provider: 'gcp' })).toContain('cannot open ports at gcp');
  expect(await refusal({ provider: 'aws', anyOf: [{ gpu: 'L4' }, { provider: 'gcp' }] })).toContain('gcp');
  expect(await refusal({ provider: 'aws' })).toBeUndefined();
});

test('answers from before a failure are kept, and a SkyPilot without an answer leaves it to the table', async () => {
  const half = open(`${line('aws', true, true)}\necho 'Traceback' >&2; exit 1`);
  expect(await half.traits('aws')).toEqual({ spot: true, ports: true });
  expect(await open('exit 1').traits('aws')).toEqual({});
  expect(await open('exit 0', '#!/bin/bash').traits('aws')).toEqual({});
  expect(await open('exit 0', `#!${file('no-python3')}`).traits('aws')).toEqual({});
});

test('closing ends the question', async () => {
  const made = open('exec sleep 600');
  const answer = made.traits('aws');
  made.close();
  expect(await answer).toEqual({});
});

test.each([
  ['#!/opt/sky env/x\n', undefined],
  ['#!/opt/sky/bin/python3\n# -*- coding\n', ['/opt/sky/bin/python3']],
  ['#! /opt/sky/bin/python3.11 -sE\r\n', ['/opt/sky/bin/python3.11']],
  ['#!/usr/bin/env python3\n', ['/usr/bin/env', 'python3']],
  ['#!/usr/bin/env -S python -E\n', ['/usr/bin/env', 'python']],
  [`#!/bin/sh\n'''exec' /very/long/bin/python3.12 "$0" "$@"\n' '''\n`, ['/very/long/bin/python3.12']],
  [`#!/bin/sh\n'''exec' "/with a space/bin/python3" "$0" "$@"\n`, ['/with a space/bin/python3']],
  ['#!/bin/bash\nexec python3 sky\n', undefined],
  ['\u007fELF', undefined],
])('the interpreter of a program that begins with %j is %j', async (head, words) => {
  expect(await pythonOfProgram(write('program', head))).toEqual(words);
});
