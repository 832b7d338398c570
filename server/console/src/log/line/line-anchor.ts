/** A line or a range of lines that a URL points to by seq: `#L123` or `#L123-L140`. */
interface LineAnchor {
  readonly from: number;
  /** Inclusive. */
  readonly to: number;
}

export function parseLineAnchor(hash: string): LineAnchor | undefined {
  const match = /^#L([1-9]\d{0,13})(?:-L([1-9]\d{0,13}))?$/.exec(hash);
  if (match === null) return undefined;
  const from = Number(match[1]);
  const to = match[2] === undefined ? from : Number(match[2]);
  return { from: Math.min(from, to), to: Math.max(from, to) };
}

export function formatLineAnchor(anchor: LineAnchor): string {
  return anchor.from === anchor.to ? `#L${anchor.from}` : `#L${anchor.from}-L${anchor.to}`;
}
