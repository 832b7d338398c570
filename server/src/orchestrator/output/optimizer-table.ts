import type { Offer } from '../launch-event.js';

export interface PricedOffer {
  readonly offer: Offer;
  /** US dollars per hour. */
  readonly price: number;
  readonly gpus: string | undefined;
}

/** Text cells are separated by at least two spaces; a single one belongs to the cell. */
const CELLS = /\s{2,}/;
const RULE = /^[-─]{20,}$/;

/**
 * Reads the table of the optimizer, row by row. Its columns differ between versions: `INFRA …` (0.10 on) and
 * `CLOUD … REGION/ZONE` (before), so the header decides.
 */
export class OptimizerTable {
  #columns: readonly string[] = [];

  /** The offer of a row; `'frame'` for the table's lines and headers; undefined for a line that is no part of one. */
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
    const place = cell('INFRA') ?? cell('CLOUD');
    if (place === undefined || cells.length < this.#columns.length - 1 || !Number.isFinite(price)) {
      this.#columns = [];
      return undefined;
    }
    const [, cloud = place, inner] = /^(.+?) \((.+)\)$/.exec(place) ?? [];
    const region = inner ?? cell('REGION/ZONE');
    const offer: Offer = { cloud, region, instance: cell('INSTANCE')?.replace(/\[Spot\]$/, '') };
    return {
      offer,
      price,
      gpus: cell('GPUS') ?? cell('ACCELERATORS'),
    };
  }
}
