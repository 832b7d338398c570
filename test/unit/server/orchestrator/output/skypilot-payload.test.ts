import { describe, expect, test } from 'vitest';
import { decodePayloadLine } from '@launchlog/server/orchestrator/output/skypilot-payload';

const spinner = (text: string) => ({ payloads: [{ kind: 'spinner', text }], text: undefined });

describe('decodePayloadLine', () => {
  test.each([
    ['<sky-payload>"<rich_init>[bold cyan]Optimizing[/]</rich_init>"</sky-payload>', 'Optimizing'],
    ['<sky-payload>"<rich_start>[bold cyan]Launching[/]</rich_start>"</sky-payload>', 'Launching'],
    [
      '<sky-payload>"<rich_update>[bold cyan]Launching - Waiting for SSH access[/]  \\u001b[2mView logs: \\u001b[1msky logs --provision a2\\u001b[0m\\u001b[0m</rich_update>"</sky-payload>',
      'Launching - Waiting for SSH access  View logs: sky logs --provision a2',
    ],
    [
      '<sky-payload>"<rich_update>[dim]Checking request: 71cd[/dim]</rich_update>"</sky-payload>',
      'Checking request: 71cd',
    ],
    [
      '<sky-payload>"<rich_update>[cyan]Step [1/3] of [gpu][/cyan]</rich_update>"</sky-payload>',
      'Step [1/3] of [gpu]',
    ],
    ['<sky-payload>"<rich_stop></rich_stop>"</sky-payload>', ''],
    ['<sky-payload>"<rich_exit></rich_exit>"</sky-payload>\r', ''],
    ['<sky-payload type="x">"<rich_update>typed</rich_update>"</sky-payload>', 'typed'],
  ])('%s is the spinner', (line, text) => {
    expect(decodePayloadLine(line)).toEqual(spinner(text));
  });

  test('heartbeat and retry are different payloads', () => {
    expect(decodePayloadLine('<sky-payload>"<heartbeat></heartbeat>"</sky-payload>').payloads).toEqual([
      { kind: 'heartbeat' },
    ]);
    expect(decodePayloadLine('<sky-payload>"<retry></retry>"</sky-payload>').payloads).toEqual([
      { kind: 'retry' },
    ]);
  });

  test.each([
    '<sky-payload>not json</sky-payload>',
    '<sky-payload>{"a":1}</sky-payload>',
    '<sky-payload>"<new_thing>x</new_thing>"</sky-payload>',
    '<sky-payload>"plain"</sky-payload>',
    '<sky-payload>"<rich_update>cut',
    '<sky-payload',
    '<sky-payload></sky-payload>',
  ])('%s is never shown raw', (line) => {
    expect(decodePayloadLine(line)).toEqual({ payloads: [{ kind: 'unknown' }], text: undefined });
  });

  test('text around any number of payloads is kept', () => {
    const payload = '<sky-payload>"<heartbeat></heartbeat>"</sky-payload>';
    expect(decodePayloadLine(`before ${payload}${payload} after`)).toEqual({
      payloads: [{ kind: 'heartbeat' }, { kind: 'heartbeat' }],
      text: 'before  after',
    });
  });

  test('a line without a payload is returned unchanged', () => {
    expect(decodePayloadLine('\u001b[0m⚙︎ Launching')).toEqual({ payloads: [], text: '\u001b[0m⚙︎ Launching' });
    expect(decodePayloadLine('')).toEqual({ payloads: [], text: '' });
  });

  test('a megabyte of opening tags is read in linear time', () => {
    /** Sixteen times the longest line: quadratic work would exceed the test's time limit. */
    expect(decodePayloadLine('<sky-payload>'.repeat(80_000)).text).toBeUndefined();
    const payloads = decodePayloadLine('<sky-payload>"<a>"</sky-payload>'.repeat(32_000)).payloads;
    expect(new Set(payloads.map(({ kind }) => kind))).toEqual(new Set(['unknown']));
  });
});
