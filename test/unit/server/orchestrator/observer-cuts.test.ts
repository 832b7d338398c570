import { describe, expect, test } from 'vitest';
import { Observer, type Observed } from '@launchlog/server/orchestrator/observer';
import type { Observation } from '@launchlog/server/orchestrator/orchestrator';
import { LINE_CAP_BYTES, LineSplitter } from '@launchlog/server/orchestrator/output/line-splitter';
import { errorOfAnswer } from '@launchlog/server/orchestrator/skypilot/api-error';
import { launchFailureOf } from '@launchlog/server/orchestrator/skypilot/launch-failure';
import { CUT_MARK, UNREDACTED_CUT } from '@launchlog/server/redaction/cut-mark';
import { LogRedactor } from '@launchlog/server/redaction/redactor';
import { MASK } from '@launchlog/server/redaction/mask';
import { SecretMaker } from '../../../support/sample/secret-maker.js';

const secrets = new SecretMaker('observer cuts');
const OWN = 'Own-Value-0123456789';
/** A secret that a parser may take for a version. */
const LIKE_A_VERSION = '0.9.8-own-value-0123456789';
const TOKEN = secrets.make('Hugging Face token');
const KEY = secrets.privateKey();

const launchLine = (text: string): Observation => ({ kind: 'line', stream: 'launch', text });
const jobLine = (text: string): Observation => ({ kind: 'line', stream: 'job', text });
const failed = (reason: 'unknown' | 'no_capacity', message: string): Observation => ({
  kind: 'failed',
  reason,
  message,
});

function observeAll(observations: readonly Observation[]): Observed[] {
  const observer = new Observer({ kind: 'skypilot-api', redactor: new LogRedactor([OWN, LIKE_A_VERSION]) });
  return observations.flatMap((observation) => observer.observe(observation) ?? []);
}

/** Four characters of a secret. */
const beginningOf = (secret: string) => secret.slice(0, 4);

describe('a line that is longer than the cap', () => {
  const prefix = '(vllm, pid=7) ';
  const filler = 'x '.repeat(LINE_CAP_BYTES);

  /** A line whose part beyond the cap begins this number of characters after the secret's beginning. */
  function longLine(secret: string, kept: number): string {
    const head = prefix + filler.slice(0, LINE_CAP_BYTES - prefix.length - kept);
    return new LineSplitter().push(Buffer.from(`${head}${secret} and more\n`))[0] ?? '';
  }

  test.each([
    ['token of a known format', TOKEN],
    ["value of the launch's own", OWN],
    ['value in base64', Buffer.from(OWN).toString('base64')],
  ])('shows no beginning of a %s that stands across the cap, wherever the cap falls', (_, secret) => {
    for (let kept = 0; kept <= secret.length; kept += 1) {
      const [seen] = observeAll([jobLine(longLine(secret, kept))]);
      expect(seen).toMatchObject({ source: 'vllm' });
      expect(seen?.message.replace(CUT_MARK, '').replace(MASK, '')).toMatch(/^[x ]+$/);
      expect(seen?.message.endsWith(CUT_MARK)).toBe(true);
    }
  });

  test('hides a private key that begins in its lost part, also in the lines that follow', () => {
    const lines = [longLine(KEY.begin, 3), ...KEY.body.map((line) => prefix + line), `${prefix}${KEY.end}`];
    const [, ...seen] = observeAll(lines.map(jobLine));
    expect(new Set(seen.map(({ message }) => message))).toEqual(new Set([MASK]));
  });

  test('that ends in half an ANSI sequence or half a control text shows neither', () => {
    for (const half of ['\u001b[3', '<sky-payload>"<rich_update>La']) {
      const [seen] = observeAll([launchLine(`some words ${half}${UNREDACTED_CUT}`)]);
      expect(seen?.message).toMatch(/^some words( … \[cut\])?$/);
    }
  });

  test('does not pass half a secret to its parsers', () => {
    const cut = TOKEN.slice(0, 12) + UNREDACTED_CUT;
    const seen = observeAll([
      jobLine(`${prefix}OSError: ${TOKEN} is not a valid model identifier ${cut}`),
      launchLine(`W 11-23 11:22:48.251 PID=1 a.py:1] error: no capacity for ${cut}`),
      launchLine('Failed to acquire resources in all zones in us-east-1'),
      failed('unknown', 'as told'),
    ]);
    expect(JSON.stringify(seen)).not.toContain(beginningOf(TOKEN));
    expect(seen.map(({ event }) => event?.kind)).toContain('offer_failed');
  });

  test('does not pass half a secret to a detail that ends before the cut', () => {
    const said = `(vllm, pid=7) vLLM API server version ${LIKE_A_VERSION.slice(0, 9)}`;
    expect(observeAll([jobLine(said)])[0]?.details).toEqual({ vllm_version: '0.9.8-own' });
    expect(JSON.stringify(observeAll([jobLine(said + UNREDACTED_CUT)]))).not.toContain('0.9.8');
  });
});

describe('a text that is shortened', () => {
  const long = (maxCharacters: number) => `${'word '.repeat(200).slice(0, maxCharacters - 9)} `;

  test('as the last refusal of a launch does not show half a secret', () => {
    for (const secret of [TOKEN, OWN]) {
      const seen = observeAll([
        launchLine(`W 11-23 11:22:48.251 PID=1 a.py:1] error: ${long(300)}${secret} no capacity`),
        launchLine('Failed to acquire resources in all zones in us-east-1'),
        failed('no_capacity', 'Nothing is left.'),
      ]);
      expect(seen.at(-1)?.message).toMatch(/ … \[cut\]$/);
      expect(JSON.stringify(seen)).not.toContain(beginningOf(secret));
    }
  });

  test('as the reason of a model server does not show half a secret', () => {
    for (const line of [
      `api_server.py: error: ${long(570)}${OWN} tail`,
      `OutOfMemoryError: ${long(570)}${OWN} tail`,
      `huggingface_hub.errors.GatedRepoError: ${long(570)}${OWN} tail`,
    ]) {
      const seen = observeAll([jobLine(`(vllm, pid=7) ${line}`), failed('unknown', 'as told')]);
      expect(seen.at(-1)?.message).not.toBe('as told');
      expect(JSON.stringify(seen)).not.toContain(beginningOf(OWN));
    }
  });

  test("as SkyPilot's exception does not show half a secret", () => {
    const { reason, message } = launchFailureOf({ type: 'ValueError', message: `${long(500)}${OWN} tail` });
    expect(message).not.toContain('tail');
    const seen = observeAll([{ kind: 'failed', reason, message }]);
    expect(JSON.stringify(seen)).not.toContain(beginningOf(OWN));
  });

  test("as an answer of SkyPilot's server does not show half a secret", () => {
    const { message } = errorOfAnswer('GET /x', 400, { detail: `${long(300)}${TOKEN} tail` });
    expect(message).not.toContain('tail');
    expect(JSON.stringify(observeAll([failed('unknown', message)]))).not.toContain(beginningOf(TOKEN));
  });
});

test("a private key in the lines of SkyPilot's exception is masked in each of them", () => {
  const failure = launchFailureOf({
    type: 'ValueError',
    message: [`bad key ${KEY.begin}`, ...KEY.body, KEY.end, 'see above'].join('\n'),
  });
  expect(failure.message).toBe(`bad key ${MASK}`);
  expect(failure.rest).toEqual([...KEY.body.map(() => MASK), MASK, 'see above']);
});
