import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const page = (name: string) =>
  readFileSync(fileURLToPath(new URL(`../../docs/${name}`, import.meta.url)), 'utf8');
/** The cells of each row of each table. */
const rowsOf = (text: string) =>
  text
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.split('|').map((cell) => cell.trim()));

const UNITS: Readonly<Record<string, number>> = { µs: 1e-6, ms: 1e-3, KB: 1e3, GB: 1e9 };
const ROWS = rowsOf(page('scale.md'));
const FORMULAS = ROWS.filter(([, , formula = '']) => /^`.* [×÷] .*`$/.test(formula));
/** Digits of the page are rounded. */
const ROUNDED = 1.1;
/** The machine of a measurement is shared, and each run of the bench replaces the numbers of its page. */
const MEASURED = 2;

/** `9 µs of CPU` is 0.000009: seconds, bytes or cores. */
function valueOf(text: string): number {
  const [, digits = '', unit = ''] = /^([\d,.]+)\s*(\S*)/.exec(text) ?? [];
  return Number(digits.replaceAll(',', '')) * (UNITS[unit] ?? 1);
}

const constants = new Map(
  ROWS.flatMap(([, name = '', , measured = '']) =>
    /^`\w+`$/.test(name) ? [[name.slice(1, -1), valueOf(measured)] as const] : [],
  ),
);

/** Products, quotients and one sum in brackets. */
function computed(formula: string): number {
  const whole = formula.replace(/\(([^()]+)\)/g, (_, sum: string) =>
    String(sum.split('+').reduce((total, part) => total + computed(part.trim()), 0)),
  );
  let value = 1;
  for (const [, sign, operand = ''] of whole.matchAll(/(?:(^|[×÷])\s*)([^×÷]+)/g)) {
    const factor = constants.get(operand.trim()) ?? valueOf(operand.trim());
    value = sign === '÷' ? value / factor : value * factor;
  }
  return value;
}

/** How many times one is the other, whichever is larger. */
function timesOf(one: number, other: number): number {
  return Math.max(one / other, other / one);
}

test('the page of scale has as many constants and formulas as it needs', () => {
  expect(constants.size).toBe(13);
  expect(FORMULAS.length).toBe(11);
});

test.each(
  FORMULAS.map(([, resource, formula = '', result = '']) => [resource, formula.slice(1, -1), result]),
)('%s: %s is %s', (_, formula = '', result = '') => {
  expect(timesOf(computed(formula), valueOf(result))).toBeLessThan(ROUNDED);
});

test.each([
  ['busy_delivery', /^SSE: deliveries per CPU second, 1,000 readers/, (value: number) => 1 / value],
  ['delivery', /^Launchlog SSE$/, (value: number) => value * 1e-6],
  ['lone_line', /^µs of CPU for a line, one reader on each/, (value: number) => value * 1e-6],
  ['idle_reader', /^sse$/, (value: number) => value * 1e3],
  ['metrics_database', /^ms of CPU of PostgreSQL for the metrics/, (value: number) => value * 1e-3],
  ['metrics_server', /^ms until the answer is there/, (value: number) => value * 1e-3],
] as const)('%s is about what the page of benchmarks has', (name, row, inUnits) => {
  const [, , measured = ''] = rowsOf(page('benchmarks.md')).find(([, first = '']) => row.test(first)) ?? [];
  expect(timesOf(constants.get(name) ?? 0, inUnits(valueOf(measured)))).toBeLessThan(MEASURED);
});
