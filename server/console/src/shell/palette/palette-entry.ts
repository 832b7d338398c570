/** Something to open or to do. */
export interface PaletteEntry {
  readonly id: string;
  readonly kind: 'Node' | 'Deployment' | 'Page' | 'Action';
  readonly label: string;
  /** What else distinguishes it from others. */
  readonly note: string;
  readonly run: () => void;
}

/** The entries whose label or note has every word that was typed, whatever its case. */
export function matchingEntries(entries: readonly PaletteEntry[], typed: string): readonly PaletteEntry[] {
  const words = typed.toLowerCase().split(/\s+/);
  return entries.filter(({ label, note, kind }) => {
    const text = `${label} ${note} ${kind}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
