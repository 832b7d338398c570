import type { Style } from './style.js';

export interface TextCell {
  readonly text: string;
  /** Colours come after the padding: they have no width. */
  readonly paint?: ((text: string) => string) | undefined;
}

/** Columns as wide as their widest cell, two spaces between them, nothing at the ends of lines. */
export function textTable(
  titles: readonly string[],
  rows: readonly (readonly TextCell[])[],
  style: Style,
): string {
  const widths = titles.map((title, index) =>
    Math.max(title.length, ...rows.map((row) => row[index]?.text.length ?? 0)),
  );
  const pad = (text: string, index: number) =>
    text.padEnd(index === titles.length - 1 ? 0 : (widths[index] ?? 0));
  const head = style.dim(titles.map(pad).join('  ').trimEnd());
  const lines = rows.map((row) =>
    row
      .map(({ text, paint }, index) => (paint === undefined ? pad(text, index) : paint(pad(text, index))))
      .join('  ')
      .trimEnd(),
  );
  return [head, ...lines].join('\n');
}
