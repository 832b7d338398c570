import { LOG_FAULTS, type LogFault, type LogFaultField } from './log-fault.js';

export interface DamageReport {
  readonly nodeId: string;
  readonly faults: readonly {
    readonly field: LogFaultField;
    readonly found: string;
    readonly done: string;
  }[];
}

interface DamageListener {
  onDamaged(report: DamageReport): void;
  /** This many damaged logs had no report of their own, since there were too many at once. */
  onMoreDamaged(logs: number): void;
}

/** Logs that are remembered as reported. Beyond it the oldest is forgotten, and would be reported again. */
const REMEMBERED_MAX = 20_000;
const FOUND_MAX_CHARACTERS = 100;
/** Reports in one period; what exceeds it is counted, and the count is reported at the end of the period. */
const REPORTS_MAX = 20;
const PERIOD_MS = 60_000;
/** Words of another release are in every log that it writes: each is reported once, whatever the log. */
const WORDS: ReadonlySet<LogFaultField> = new Set(['level', 'source', 'phase']);
/** A newer release does not add so many. */
const WORDS_MAX = 100;

/** Reports each fault of a stored log once, and few at a time however many logs are damaged. See decision 192. */
export class DamageReports {
  readonly #listener: DamageListener;
  readonly #monotonic: () => number;
  readonly #known = new Set<string>();
  readonly #knownWords = new Set<string>();
  readonly #counts = new Map<LogFaultField, number>();
  #periodFromMs = Number.NEGATIVE_INFINITY;
  #reports = 0;
  #unreported = 0;

  constructor(listener: DamageListener, monotonic: () => number) {
    this.#listener = listener;
    this.#monotonic = monotonic;
  }

  /** Logs in which a fault was found, by its field, since the start of the process. */
  get counts(): ReadonlyMap<LogFaultField, number> {
    return this.#counts;
  }

  look(nodeId: string, faults: readonly LogFault[]): void {
    const fresh = faults.filter((fault) => this.#isFresh(nodeId, fault));
    if (fresh.length === 0) return;
    for (const { field } of fresh) this.#counts.set(field, (this.#counts.get(field) ?? 0) + 1);
    this.tick();
    if (this.#reports >= REPORTS_MAX) {
      this.#unreported += 1;
      return;
    }
    this.#reports += 1;
    this.#listener.onDamaged({
      nodeId,
      faults: fresh.map(({ field, found }) => ({ field, found: shown(found), done: LOG_FAULTS[field] })),
    });
  }

  /** Ends a period that is over. Called now and then, so that a count does not wait for the next damaged log. */
  tick(): void {
    const now = this.#monotonic();
    if (now - this.#periodFromMs < PERIOD_MS) return;
    const unreported = this.#unreported;
    this.#periodFromMs = now;
    this.#reports = 0;
    this.#unreported = 0;
    if (unreported > 0) this.#listener.onMoreDamaged(unreported);
  }

  #isFresh(nodeId: string, { field, found }: LogFault): boolean {
    if (!WORDS.has(field)) return remember(this.#known, `${nodeId} ${field}`, REMEMBERED_MAX);
    if (this.#knownWords.size >= WORDS_MAX) return false;
    return remember(this.#knownWords, `${field} ${shown(found)}`, WORDS_MAX);
  }
}

/** False if it is known already. */
function remember(known: Set<string>, key: string, max: number): boolean {
  if (known.has(key)) return false;
  known.add(key);
  for (const oldest of known) {
    if (known.size <= max) break;
    known.delete(oldest);
  }
  return true;
}

/** On one line, and bounded: another program wrote it, perhaps to be misread in a terminal. */
function shown(found: string): string {
  const short = found.slice(0, FOUND_MAX_CHARACTERS);
  const visible = short.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Surrogate}]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return short.length < found.length ? `${visible}…` : visible;
}
