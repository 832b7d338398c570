import type { FoldKind, LogFold, LogLine, LogRow, ShownRow } from '../line/log-row.js';

/** What a heading stands for: the kind of its group and the group itself. */
export type FoldName = Pick<LogFold, 'what' | 'group'>;

/** A heading stands between its first line and the row above; that of a phase comes before that of a list. */
const HEADING_BEFORE: Readonly<Record<FoldKind, number>> = { phase: 0.75, packages: 0.5 };

/**
 * The rows that pass the filter, with a heading for each group, and without the lines of groups that are closed. Phases are
 * open until somebody closes them, and lists of packages are closed until somebody opens them. See decision 163.
 */
export class FoldedRows {
  readonly #hasPhases: boolean;
  /** What the reader has chosen. */
  readonly #choices = new Map<string, boolean>();
  #rows: ShownRow[] = [];
  #phase: LogFold | undefined;
  #packages: LogFold | undefined;
  #passed = 0;
  #foldedLines = 0;
  #hasHeadings = false;

  /** `hasPhases`: in the log of one node. Those of several nodes take turns with each line. */
  constructor(hasPhases: boolean) {
    this.#hasPhases = hasPhases;
  }

  /** Grows in place; a new array means other rows. */
  get rows(): readonly ShownRow[] {
    return this.#rows;
  }

  /** Lines that are not drawn because their group is closed. */
  get foldedLines(): number {
    return this.#foldedLines;
  }

  get hasHeadings(): boolean {
    return this.#hasHeadings;
  }

  add(rows: readonly LogRow[]): void {
    for (const row of rows) {
      if (row.kind === 'mark') this.#rows.push(row);
      else this.#addLine(row);
      this.#passed += 1;
    }
  }

  rebuild(rows: readonly LogRow[]): void {
    this.#rows = [];
    this.#phase = undefined;
    this.#packages = undefined;
    this.#passed = 0;
    this.#foldedLines = 0;
    this.#hasHeadings = false;
    this.add(rows);
  }

  /** Takes effect with the next `rebuild`. */
  choose(name: FoldName, isOpen: boolean): void {
    this.#choices.set(keyOf(name), isOpen);
  }

  /** Opens or closes all groups of a line. It takes effect with the next `rebuild`. */
  chooseAll(line: LogLine, isOpen: boolean): void {
    for (const name of foldsOf(line, this.#hasPhases)) this.choose(name, isOpen);
  }

  /** Opens the groups of a line. Returns whether one was closed; it takes effect with the next `rebuild`. */
  open(line: LogLine): boolean {
    const closed = foldsOf(line, this.#hasPhases).filter((name) => !this.#isOpen(name));
    for (const name of closed) this.choose(name, true);
    return closed.length > 0;
  }

  #isOpen(name: FoldName): boolean {
    return this.#choices.get(keyOf(name)) ?? name.what === 'phase';
  }

  #addLine(line: LogLine): void {
    const { phaseGroup, packageGroup } = line;
    if (this.#hasPhases)
      this.#phase = this.#headed(
        this.#phase,
        { what: 'phase', group: phaseGroup },
        { line, isHidden: false },
      );
    const isHidden = this.#phase?.isOpen === false;
    this.#packages =
      packageGroup === 0
        ? undefined
        : this.#headed(this.#packages, { what: 'packages', group: packageGroup }, { line, isHidden });
    if (isHidden || this.#packages?.isOpen === false) this.#foldedLines += 1;
    else this.#rows.push(line);
  }

  /** The heading of the group that the line belongs to: the current one, or a new one. */
  #headed(
    current: LogFold | undefined,
    name: FoldName,
    { line, isHidden }: { readonly line: LogLine; readonly isHidden: boolean },
  ): LogFold {
    const fold = current?.group === name.group ? current : this.#heading(name, line);
    if (fold !== current && !isHidden) this.#rows.push(fold);
    this.#hasHeadings = true;
    fold.lines += 1;
    fold.to = this.#passed;
    fold.endMs = line.timeMs;
    fold.revision += 1;
    if (line.entry.level === 'warn') fold.warnings += 1;
    if (line.entry.level === 'error') fold.errors += 1;
    return fold;
  }

  #heading(name: FoldName, line: LogLine): LogFold {
    return {
      kind: 'fold',
      id: line.id - HEADING_BEFORE[name.what],
      nodeId: line.nodeId,
      ...name,
      phase: line.entry.phase,
      isOpen: this.#isOpen(name),
      startMs: line.timeMs,
      endMs: line.timeMs,
      from: this.#passed,
      to: this.#passed,
      lines: 0,
      warnings: 0,
      errors: 0,
      revision: 0,
    };
  }
}

function foldsOf({ phaseGroup, packageGroup }: LogLine, hasPhases: boolean): readonly FoldName[] {
  return [
    ...(hasPhases ? [{ what: 'phase', group: phaseGroup } as const] : []),
    ...(packageGroup > 0 ? [{ what: 'packages', group: packageGroup } as const] : []),
  ];
}

function keyOf({ what, group }: FoldName): string {
  return `${what} ${group}`;
}
