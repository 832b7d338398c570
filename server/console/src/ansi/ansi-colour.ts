type Rgb = readonly [number, number, number];

/** The sixteen colours as terminals show them. The theme shows its own, with sufficient contrast. */
const PALETTE: readonly Rgb[] = [
  [0, 0, 0],
  [205, 49, 49],
  [13, 188, 121],
  [190, 150, 16],
  [36, 114, 200],
  [188, 63, 188],
  [17, 168, 205],
  [200, 200, 200],
  [102, 102, 102],
  [241, 76, 76],
  [35, 209, 139],
  [245, 245, 67],
  [59, 142, 234],
  [214, 112, 214],
  [41, 184, 219],
  [255, 255, 255],
];

const CUBE_STEPS = [0, 95, 135, 175, 215, 255] as const;

/**
 * Reads the parameters after 38 or 48: `5;n` or `2;r;g;b`. `used` is the number of parameters read. Every colour becomes
 * the nearest of the theme's sixteen, so that output meant for a black terminal stays readable on white.
 */
export function ansiColour(codes: readonly number[]): { colour: number | undefined; used: number } {
  const [mode, first = Number.NaN, second = Number.NaN, third = Number.NaN] = codes;
  if (mode === 5) return { colour: indexed(first), used: 2 };
  if (mode === 2) return { colour: nearest([first, second, third]), used: 4 };
  return { colour: undefined, used: 0 };
}

function indexed(index: number): number | undefined {
  if (!Number.isInteger(index) || index < 0 || index > 255) return undefined;
  if (index < 16) return index;
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10;
    return nearest([grey, grey, grey]);
  }
  const cube = index - 16;
  return nearest([step(Math.floor(cube / 36)), step(Math.floor(cube / 6) % 6), step(cube % 6)]);
}

function step(index: number): number {
  return CUBE_STEPS[index] ?? 0;
}

function nearest(colour: Rgb): number | undefined {
  if (colour.some((part) => !(part >= 0 && part <= 255))) return undefined;
  let best = 0;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const [index, candidate] of PALETTE.entries()) {
    const distance = candidate.reduce((sum, part, axis) => sum + (part - (colour[axis] ?? 0)) ** 2, 0);
    if (distance < bestDistance) [best, bestDistance] = [index, distance];
  }
  return best;
}
