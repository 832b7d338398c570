import type { Offer } from '../launch-event.js';

export interface PricedOffer {
  readonly offer: Offer;
  /** US dollars per hour. */
  readonly price: number;
  readonly gpus: string | undefined;
  readonly spot: boolean;
  /** Whether the optimizer would choose this one. */
  readonly chosen: boolean;
}

/** At least two spaces separate cells; a single space belongs to the cell. */
const CELLS = /\s{2,}/;
const RULE = /^[-─]{20,}$/;

/**
 * Reads the optimizer's table, row by row. Its header decides which column is which, because versions differ: `INFRA …`
 * since 0.10, `CLOUD … REGION/ZONE` before.
 */
export class OptimizerTable {
  #columns: readonly string[] = [];

  /** Returns the offer of a row, `'frame'` for rules and headers, and undefined for a line outside the table. */
  read(line: string): PricedOffer | 'frame' | undefined {
    const text = line.trim();
    if (RULE.test(text)) return 'frame';
    const cells = text.split(CELLS);
    if (cells.includes('COST ($)') && cells.includes('INSTANCE')) {
      this.#columns = cells;
      return 'frame';
    }
    return this.#columns.length === 0 ? undefined : this.#row(cells);
  }

  #row(cells: readonly string[]): PricedOffer | undefined {
    const cell = (name: string) => cells[this.#columns.indexOf(name)];
    const price = Number(cell('COST ($)'));
    const infra = cell('INFRA') ?? cell('CLOUD');
    if (infra === undefined || cells.length < this.#columns.length - 1 || !Number.isFinite(price)) {
      this.#columns = [];
      return undefined;
    }
    const [, cloud = infra, inner] = /^(.+?) \((.+)\)$/.exec(infra) ?? [];
    const region = inner ?? cell('REGION/ZONE');
    const offer: Offer = { cloud, region, instance: cell('INSTANCE')?.replace(/\[Spot\]$/, '') };
    return {
      offer,
      price,
      gpus: cell('GPUS') ?? cell('ACCELERATORS'),
      spot: cell('INSTANCE')?.endsWith('[Spot]') ?? false,
      chosen: cells.length >= this.#columns.length,
    };
  }
}
