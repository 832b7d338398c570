import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { LineFolding } from '@launchlog/server/orchestrator/line-folding';
import { Observer } from '@launchlog/server/orchestrator/observer';
import type { Observation } from '@launchlog/server/orchestrator/orchestrator';
import { LogRedactor } from '@launchlog/server/redaction/redactor';

function folded(observations: readonly Observation[]) {
  const observer = new Observer({ kind: 'skypilot-api', redactor: new LogRedactor(), stage: 'task' });
  const folding = new LineFolding();
  const seen = observations.flatMap((observation) => {
    const observed = observer.observe(observation);
    return observed === undefined ? [] : folding.push({ observation, observed });
  });
  return [...seen, ...folding.end()];
}

const jobLines = (texts: readonly string[], prefix = ''): Observation[] =>
  texts.map((text, at) => ({ kind: 'line', stream: 'job', text: prefix + text, checkpoint: String(at + 1) }));

describe('the recorded start of vLLM', () => {
  const raw = readFileSync(new URL('../../../fixtures/vllm/success.pipe.raw', import.meta.url), 'utf8');
  const seen = folded(jobLines(raw.split(/\r\n|\n|\r/)));

  test('has one entry for its routes, with their number and names', () => {
    const routes = seen.filter(({ observed }) => /^Available routes|^Route|\d routes/.test(observed.message));
    expect(routes.map(({ observed }) => observed.message)).toEqual([
      'Available routes are:',
      '35 routes, from /openapi.json to /inference/v1/abort_requests',
    ]);
    expect(routes[1]?.observed.details).toMatchObject({
      count: 35,
      routes: expect.stringContaining('/v1/chat/completions'),
    });
  });

  test('has no blank entries and no logo, but the version and the model', () => {
    const messages = seen.map(({ observed }) => observed.message);
    for (const message of messages) expect(message).toMatch(/[^\s▀▄█]/u);
    expect(messages.slice(0, 2)).toEqual(['version 0.32.0', 'model /srv/rig/tiny']);
  });

  test('begins model_loading with its first entry', () => {
    expect(seen[0]?.observed.event).toEqual({ kind: 'model_loading_step', fraction: 0 });
  });
});

test('the packages of a setup become one entry, which has the checkpoint of the last', () => {
  const packages = Array.from({ length: 170 }, (_, at) => ` + package-${at}==1.0`);
  const seen = folded(jobLines(['Installed 170 packages in 2s', ...packages, 'done'], '(setup pid=1) '));
  expect(seen).toHaveLength(3);
  expect(seen[1]).toMatchObject({
    observation: { checkpoint: '171' },
    observed: {
      level: 'debug',
      source: 'instance',
      message: '170 packages, from package-0==1.0 to package-169==1.0',
      details: { count: 170 },
    },
  });
});

test('two lines of a list stay two entries, and two lists are two', () => {
  const seen = folded(
    jobLines(
      [' + a==1', ' + b==1', 'x', 'Route: /a, Methods: GET', 'Route: /b, Methods: GET'],
      '(setup pid=1) ',
    ),
  );
  expect(seen.map(({ observed }) => observed.message.trim())).toEqual([
    '+ a==1',
    '+ b==1',
    'x',
    'Route: /a, Methods: GET',
    'Route: /b, Methods: GET',
  ]);
});

test('a probe in between neither ends a list nor waits for it', () => {
  const probe: Observation = {
    kind: 'probe',
    probe: {
      url: 'http://x',
      target: 'health',
      status: undefined,
      ok: false,
      message: 'refused',
      attempt: 1,
    },
  };
  const [one, two, three] = jobLines([
    'Route: /a, Methods: GET',
    'Route: /b, Methods: GET',
    'Route: /c, Methods: GET',
  ]);
  const begin = jobLines(['x']);
  const seen = folded([...begin, one, two, probe, three].filter((each) => each !== undefined));
  expect(seen.map(({ observed }) => observed.message)).toEqual([
    'x',
    'Probe of /health: refused',
    '3 routes, from /a to /c',
  ]);
});
