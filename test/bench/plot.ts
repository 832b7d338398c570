import type { BenchFindings } from './bench-run.js';

const WIDTH = 720;
const LEFT = 150;
const ROW = 30;
const TOP = 56;

interface Bar {
  readonly label: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** CPU of a delivery by server: bars with their spread. Readable on light and dark ground. */
export function plotOf({ cpu }: BenchFindings): string {
  const bars = Object.entries(cpu)
    .map(([label, { median, min, max }]) => ({ label, value: median, low: min, high: max }))
    .filter(({ value }) => Number.isFinite(value))
    .toSorted((a, b) => a.value - b.value);
  const height = TOP + bars.length * ROW + 16;
  const scale = (WIDTH - LEFT - 90) / Math.max(...bars.map(({ high }) => high));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="13">`,
    `<title>Microseconds of CPU for a delivered line</title>`,
    `<rect width="${WIDTH}" height="${height}" rx="8" fill="#ffffff" stroke="#d0d7de"/>`,
    `<text x="20" y="30" font-size="15" font-weight="600" fill="#1f2328">µs of server CPU for a delivered line (less is better)</text>`,
    ...bars.map((bar, index) => barOf(bar, TOP + index * ROW, scale)),
    '</svg>',
    '',
  ].join('\n');
}

function barOf({ label, value, low, high }: Bar, y: number, scale: number): string {
  const fill = label.startsWith('Launchlog') ? '#0969da' : '#8c959f';
  const middle = y + 10;
  return [
    `<text x="${LEFT - 10}" y="${y + 14}" text-anchor="end" fill="#1f2328">${label}</text>`,
    `<rect x="${LEFT}" y="${y}" width="${(value * scale).toFixed(1)}" height="20" rx="3" fill="${fill}"/>`,
    `<path d="M${(LEFT + low * scale).toFixed(1)} ${middle}H${(LEFT + high * scale).toFixed(1)}" stroke="#1f2328" stroke-width="1.5"/>`,
    `<text x="${(LEFT + high * scale + 8).toFixed(1)}" y="${y + 14}" fill="#57606a">${value}</text>`,
  ].join('');
}
