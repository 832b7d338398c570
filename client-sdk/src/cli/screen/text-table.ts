import { neutralise } from './neutralise.js';
import type { Style } from './style.js';
import { padToWidth, widthOf } from './text-width.js';

interface TextCell {
  readonly text: string;
  /** Colours the padded text. */
  readonly paint?: ((text: string) => string) | undefined;
}

interface RankedColumn {
  readonly title: string;
  readonly cells: readonly string[];
  /** The smaller, the more important. */
  readonly rank: number;
}

const GAP = '  ';

function byRank(one: RankedColumn, other: RankedColumn): number {
  return one.rank - other.rank;
}

/** As many of the columns as fit beside each other, the most important first, in the order that they were given in. */
function fittingColumns<Column extends RankedColumn>(
  columns: readonly Column[],
  width: number,
): readonly Column[] {
  const fitting = new Set<Column>();
  let left = width + GAP.length;
  // A column without a value comes last: others could use its room.
  const isEmpty = ({ cells }: Column) => cells.length > 0 && cells.every((cell) => cell === '');
  const [filled, empty] = [columns.filter((column) => !isEmpty(column)), columns.filter(isEmpty)];
  for (const column of [...filled.toSorted(byRank), ...empty.toSorted(byRank)]) {
    const needed = Math.max(...[column.title, ...column.cells].map(widthOf)) + GAP.length;
    if (needed > left && fitting.size > 0) continue;
    if (isEmpty(column) && fitting.size < filled.length) break;
    fitting.add(column);
    left -= needed;
  }
  return columns.filter((column) => fitting.has(column));
}

export interface ItemColumn<Item> {
  readonly title: string;
  readonly text: (item: Item) => string;
  readonly paint?: (item: Item, text: string, style: Style) => string;
  /** Columns with a smaller number stay longer where a terminal is narrow. */
  readonly rank: number;
}

interface ItemTableOptions {
  readonly style: Style;
  /** Width of the terminal; undefined for all columns. */
  readonly columns?: number | undefined;
}

/** One line for each item. Leaves out columns, the least important first, until a line fits. */
export function itemTable<Item>(
  items: readonly Item[],
  columns: readonly ItemColumn<Item>[],
  { style, columns: width }: ItemTableOptions,
): string {
  const all = columns.map((column) => ({
    ...column,
    cells: items.map((item) => neutralise(column.text(item), false)),
  }));
  const shown = width === undefined ? all : fittingColumns(all, width);
  const rows = items.map((item, index) =>
    shown.map(({ cells, paint }) => ({
      text: cells[index] ?? '',
      paint: paint && ((padded: string) => paint(item, padded, style)),
    })),
  );
  const titles = shown.map(({ title }) => title);
  return textTable(titles, rows, style);
}

/** Columns as wide as their widest cell, with two spaces between them and none at the ends of lines. */
function textTable(titles: readonly string[], rows: readonly (readonly TextCell[])[], style: Style): string {
  const widths = titles.map((title, index) =>
    Math.max(widthOf(title), ...rows.map((row) => widthOf(row[index]?.text ?? ''))),
  );
  const pad = (text: string, index: number) =>
    padToWidth(text, index === titles.length - 1 ? 0 : (widths[index] ?? 0));
  const head = style.dim(titles.map(pad).join(GAP).trimEnd());
  const lines = rows.map((row) =>
    row
      .map(({ text, paint }, index) => (paint === undefined ? pad(text, index) : paint(pad(text, index))))
      .join(GAP)
      .trimEnd(),
  );
  return [head, ...lines].join('\n');
}
