import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '@launchlog/server/clock';
import { Observer } from '@launchlog/server/orchestrator/observer';
import { SkypilotApiClient } from '@launchlog/server/orchestrator/skypilot/api-client';
import { SkypilotCliProcess } from '@launchlog/server/orchestrator/skypilot/cli-process';
import { SkypilotCliStream } from '@launchlog/server/orchestrator/skypilot/cli-stream';
import { SkypilotStreamFollower } from '@launchlog/server/orchestrator/skypilot/stream-follower';
import { UNREDACTED_CUT } from '@launchlog/server/redaction/cut-mark';
import { LogRedactor } from '@launchlog/server/redaction/redactor';
import { MASK } from '@launchlog/server/redaction/mask';
import { SecretMaker } from '../../support/sample/secret-maker.js';
import { hurriedClock } from '../../support/skypilot/hurried-clock.js';

const maker = new SecretMaker('in pieces');
const OWN = 'Gehéim-Wörd-0123';
const TOKEN = maker.make('Hugging Face token');
const KEY = maker.privateKey();
const FIRST = 'the line before';

/** A token in the middle of which the colour changes, a bar that is redrawn, a key of several lines. */
const OUTPUT = Buffer.from(
  [
    FIRST,
    `(vllm, pid=1) token ${TOKEN} of ${OWN}`,
    `(vllm, pid=1) \u001b[32m${TOKEN.slice(0, 9)}\u001b[1;31m${TOKEN.slice(9)}\u001b[0m coloured`,
    `fetch ${TOKEN}  10%\rfetch ${OWN}  20%\rfetch ${TOKEN}  30%\r`,
    `(vllm, pid=1) ${KEY.begin}`,
    ...KEY.body.slice(0, 2).map((line) => `(vllm, pid=1) ${line}`),
    `(vllm, pid=1) ${KEY.end}`,
    `base64 ${Buffer.from(`user:${OWN}`).toString('base64')} end`,
    'the line after\r\n',
  ].join('\n'),
);

const SECRETS = [TOKEN, OWN, ...KEY.body.slice(0, 2), Buffer.from(OWN).toString('base64').slice(4, -4)];
const SHOWN = [
  FIRST,
  `token ${MASK} of ${MASK}`,
  `${MASK} coloured`,
  `fetch ${MASK}  10%`,
  `fetch ${MASK}  20%`,
  `fetch ${MASK}  30%`,
  MASK,
  MASK,
  MASK,
  MASK,
  expect.stringMatching(/^base64 \S{0,8}\[redacted\]\S{0,4} end$/),
  'the line after',
];
/** Every place at which the output can be cut in two, once a first line has come. */
const CUTS = Array.from({ length: OUTPUT.length - FIRST.length - 1 }, (_, at) => FIRST.length + 1 + at);

function shownOf(lines: readonly string[]): string[] {
  const observer = new Observer({ kind: 'skypilot-api', redactor: new LogRedactor([OWN]) });
  return lines.flatMap((text) => observer.observe({ kind: 'line', stream: 'job', text })?.message ?? []);
}

/** Secrets of which four characters are shown, their beginning. */
function begunIn(shown: readonly string[]): string[] {
  return SECRETS.filter((secret) => shown.join('\n').includes(secret.slice(0, 4)));
}

describe("a secret in two pieces of the API server's stream", () => {
  let server: Server;
  let client: SkypilotApiClient;
  /** What the server sends in one answer, piece by piece; the next one when the reader has the one before. */
  let pieces: readonly Uint8Array[] = [];
  let how: 'end' | 'reset' = 'end';
  let arrived = (): void => undefined;

  beforeAll(async () => {
    server = createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' });
      const [first = Buffer.alloc(0), second = Buffer.alloc(0)] = pieces;
      arrived = () => {
        if (how === 'reset') response.destroy();
        else response.end(second);
        arrived = () => undefined;
      };
      response.write(first);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    client = new SkypilotApiClient({ endpoint }, systemClock);
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  /** Lines of a stream that is read to its end; `before` prepares each reading of it. */
  async function linesOf(isOver: () => boolean, before: () => void): Promise<string[]> {
    const follower = new SkypilotStreamFollower(
      {
        skipLines: 0,
        isOver: () => Promise.resolve(isOver()),
        open: async (signal) => {
          before();
          const { requestId, bytes } = await client.stream('request', signal);
          const tapped = new TransformStream<Uint8Array, Uint8Array>({
            transform(chunk, controller) {
              controller.enqueue(chunk);
              arrived();
            },
          });
          return { requestId, bytes: bytes.pipeThrough(tapped) };
        },
      },
      hurriedClock(10_000),
    );
    const lines: string[] = [];
    for await (const item of follower.items(AbortSignal.timeout(100_000))) {
      if (item.kind === 'line') lines.push(item.text);
    }
    return lines;
  }

  test('is masked wherever the pieces meet', async () => {
    how = 'end';
    for (const cut of CUTS) {
      const lines = await linesOf(
        () => true,
        () => (pieces = [OUTPUT.subarray(0, cut), OUTPUT.subarray(cut)]),
      );
      expect(shownOf(lines), `cut at ${cut}`).toEqual(SHOWN);
    }
  }, 120_000);

  test.each(['reset', 'end'] as const)(
    'is masked when the stream is cut there by %s and read again',
    async (cutBy) => {
      for (const cut of CUTS) {
        let readings = 0;
        const lines = await linesOf(
          () => readings > 1,
          () => {
            readings += 1;
            how = readings === 1 ? cutBy : 'end';
            pieces = readings === 1 ? [OUTPUT.subarray(0, cut)] : [OUTPUT];
          },
        );
        expect(shownOf(lines), `cut at ${cut}`).toEqual(SHOWN);
      }
    },
    120_000,
  );

  test('shows no beginning when the last reading ends there, as if that were the whole', async () => {
    how = 'end';
    for (const cut of CUTS) {
      const lines = await linesOf(
        () => true,
        () => (pieces = [OUTPUT.subarray(0, cut)]),
      );
      expect(begunIn(shownOf(lines)), `cut at ${cut}`).toEqual([]);
    }
  }, 120_000);
});

test("a private key of which only the end is among the last lines of sky's standard error is masked", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'launchlog-pieces-'));
  try {
    const executable = path.join(folder, 'sky');
    const after = Array.from({ length: 55 }, (_, at) => `line ${at}`);
    writeFileSync(path.join(folder, 'errors'), [KEY.begin, ...KEY.body, KEY.end, ...after, OWN].join('\n'));
    writeFileSync(executable, '#!/bin/sh\ncat "$1" >&2\nexit 1\n');
    chmodSync(executable, 0o755);
    const environment = { PATH: '/usr/bin:/bin' };
    const sky = new SkypilotCliProcess({ executable, environment, clock: systemClock });
    const signal = AbortSignal.timeout(50_000);
    const run = sky.follow({ arguments: [path.join(folder, 'errors')], signal });
    const { value } = await run.next();
    const lines = typeof value === 'object' ? value.errorLines : [];
    expect(lines.slice(-56, -1)).toEqual(after);
    expect(new Set(lines.slice(0, -56))).toEqual(new Set([MASK]));
    expect(lines.at(-1)).toBe(OWN + UNREDACTED_CUT);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** Prints the output for each place it is asked for, in two pieces: the second when the reader has the first. */
const PROGRAM = `
const fs = require('node:fs');
const [, , folder, from, to, how] = process.argv;
const output = fs.readFileSync(folder + '/output');
const print = (piece) => fs.writeSync(1, piece);
const seen = (file) => new Promise((resolve) => {
  const look = () => (fs.existsSync(file) ? resolve() : setTimeout(look, 1));
  look();
});
(async () => {
  for (let cut = Number(from); cut < Number(to); cut += 1) {
    print(output.subarray(0, cut));
    await seen(folder + '/seen-' + cut);
    if (how === 'dies') process.kill(process.pid, 'SIGKILL');
    print(output.subarray(cut));
  }
})();
`;

describe("a secret in two pieces of the command line's output", () => {
  let folder = '';
  let sky: SkypilotCliProcess;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'launchlog-pieces-'));
    const executable = path.join(folder, 'sky');
    writeFileSync(path.join(folder, 'output'), OUTPUT);
    writeFileSync(executable, `#!${process.execPath}\n${PROGRAM}`);
    chmodSync(executable, 0o755);
    sky = new SkypilotCliProcess({ executable, environment: {}, clock: systemClock });
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const acknowledge = (cut: number) => writeFileSync(path.join(folder, `seen-${cut}`), '');

  test('is masked wherever the pieces meet', async () => {
    const [from = 0] = CUTS;
    const to = from + CUTS.length;
    const run = sky.follow({
      arguments: [folder, String(from), String(to)],
      signal: AbortSignal.timeout(100_000),
    });
    const outputs: string[][] = [];
    for await (const line of run) {
      if (line === FIRST) {
        // The first piece was read with this line: both were written at once.
        acknowledge(from + outputs.length);
        outputs.push([]);
      }
      outputs.at(-1)?.push(line);
    }
    expect(outputs).toHaveLength(CUTS.length);
    for (const [at, lines] of outputs.entries()) {
      expect(shownOf(lines), `cut at ${CUTS[at]}`).toEqual(SHOWN);
    }
  }, 120_000);

  test('shows no beginning when the program dies there', async () => {
    const stream = new SkypilotCliStream(sky, systemClock);
    // A few places of each line; each costs a process.
    for (const cut of CUTS.filter((at) => at % 29 === 0)) {
      const followed = {
        arguments: [folder, String(cut), String(cut + 1), 'dies'],
        skipLines: 0,
        isOver: () => Promise.resolve(true),
      };
      const lines: string[] = [];
      for await (const { text } of stream.lines(followed, AbortSignal.timeout(100_000))) {
        if (text === FIRST) acknowledge(cut);
        lines.push(text);
      }
      expect(begunIn(shownOf(lines)), `cut at ${cut}`).toEqual([]);
      const half = OUTPUT[cut - 1] !== 0x0a && OUTPUT[cut - 1] !== 0x0d;
      expect(lines.at(-1)?.endsWith(UNREDACTED_CUT), `cut at ${cut}`).toBe(half);
    }
  }, 120_000);
});
