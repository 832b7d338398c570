import type { Style } from './style.js';
import { padToWidth, widthOf } from './text-width.js';

interface TextCell {
  readonly text: string;
  /** Colours the padded text. */
  readonly paint?: ((text: string) => string) | undefined;
}

/** Columns as wide as their widest cell, with two spaces between them and none at the ends of lines. */
export function textTable(
  titles: readonly string[],
  rows: readonly (readonly TextCell[])[],
  style: Style,
): string {
  const widths = titles.map((title, index) =>
    Math.max(widthOf(title), ...rows.map((row) => widthOf(row[index]?.text ?? ''))),
  );
  const pad = (text: string, index: number) =>
    padToWidth(text, index === titles.length - 1 ? 0 : (widths[index] ?? 0));
  const head = style.dim(titles.map(pad).join('  ').trimEnd());
  const lines = rows.map((row) =>
    row
      .map(({ text, paint }, index) => (paint === undefined ? pad(text, index) : paint(pad(text, index))))
      .join('  ')
      .trimEnd(),
  );
  return [head, ...lines].join('\n');
}
