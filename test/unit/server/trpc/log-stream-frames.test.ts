import { expect, test } from 'vitest';
import { logItems } from '@launchlog/server/feed/log-item';
import { transformer } from '@launchlog/server/trpc/input-transformer';
import { messagePrefix, renderFrames } from '@launchlog/server/trpc/log-stream-frames';
import { logLine } from '../../../support/log/log-lines.js';

const BEFORE = { phase: 'provisioning', progress: undefined } as const;
const TEXTS = [
  'plain',
  'a "quoted" \\ path',
  'tab\t\u0001\u007f',
  'Zürich 東京 😀',
  '\u2028{}</script>',
  '/',
];

/** As tRPC's adapter sends it. */
function asSerialized(line: string, cursor: string): string {
  const data = transformer.output.serialize({
    id: cursor,
    data: { type: 'log', entry: JSON.parse(line) as unknown },
  });
  return `{"id":1,"result":${JSON.stringify({ type: 'data', data, id: cursor })}}`;
}

function rendered(line: string): { readonly text: string; readonly cursor: string } {
  const items = logItems({ epoch: 'a'.repeat(16), firstSeq: 7, lines: [line], before: BEFORE });
  const frame = renderFrames(items, messagePrefix(1, undefined));
  return { text: frame.subarray(4).toString(), cursor: items[0]?.cursor ?? '' };
}

test.each([
  ...TEXTS.map((message) => logLine(7, { message })),
  logLine(7, { message: 'with details', details: { zone: 'a', price: 1.5 } }),
  logLine(7, { level: 'error', message: 'no quota' }),
  // Another program may escape what needs no escape.
  logLine(7, { message: 'x' }).replace('"x"', String.raw`"\u0041\/\u00e9\ud83d\ude00"`),
])('a line is sent as if it had been parsed: %s', (line) => {
  const { text, cursor } = rendered(line);
  expect(text).toBe(asSerialized(line, cursor));
});
