import { describe, expect, it } from 'vitest';
import { logEntrySchema, type LogEntryDraft } from '@launchlog/shared/log-entry';
import { ENTRY_MAX_BYTES, entryLine, entryRest } from '@launchlog/server/log/entry/entry-line';

function lineOf(draft: Partial<LogEntryDraft>): string {
  const whole = { level: 'info', message: 'm', phase: 'queued', source: 'vllm', ...draft } as const;
  return entryLine(7, entryRest(whole, '2026-01-01T00:00:00.000Z'));
}

describe('an entry on its way into the log', () => {
  it('begins with its seq and is the entry as JSON, without what is unknown', () => {
    expect(lineOf({})).toBe(
      '{"seq":7,"timestamp":"2026-01-01T00:00:00.000Z","level":"info","message":"m","phase":"queued","source":"vllm"}',
    );
  });

  it.each([
    ['ASCII', 'x'],
    ['two bytes', 'é'],
    ['surrogate pairs', '😀'],
    ['escapes of six bytes', '\0'],
    ['quotes', '"'],
  ])('is cut at 64 KB with a mark, whatever it is made of: %s', (_, unit) => {
    const line = lineOf({ message: unit.repeat(1_000_000) });
    const { message } = logEntrySchema.parse(JSON.parse(line));
    expect(Buffer.byteLength(line)).toBeLessThanOrEqual(ENTRY_MAX_BYTES);
    expect(Buffer.byteLength(line)).toBeGreaterThan(ENTRY_MAX_BYTES - 100);
    expect(message).toMatch(/ … \[cut: \d+ bytes\]$/);
    expect(/\p{Surrogate}/u.test(message)).toBe(false);
  });

  it('is well-formed Unicode in one line', () => {
    const line = lineOf({ message: 'a\ud800b\udc00\n\u2028', details: { k: '\udfff' } });
    expect(JSON.parse(line)).toMatchObject({ message: 'a\ufffdb\ufffd\n\u2028', details: { k: '\ufffd' } });
    expect(line).not.toContain('\n');
  });

  it('keeps details flat, few and short', () => {
    const many = Object.fromEntries(
      Array.from({ length: 100 }, (_, index) => [`k${index}`, 'v'.repeat(10_000)]),
    );
    const line = lineOf({ message: 'x'.repeat(100_000), details: many });
    expect(Buffer.byteLength(line)).toBeLessThanOrEqual(ENTRY_MAX_BYTES);
    const odd = JSON.parse('{"__proto__":"x","constructor":"y","ok":1}') as Record<string, string>;
    expect(JSON.parse(lineOf({ details: { ...odd, nan: NaN } }))).toMatchObject({ details: { ok: 1 } });
    expect(lineOf({ details: { constructor: 'y' } as never })).not.toContain('details');
  });
});
