import type { Clock } from '../../clock.js';
import type { LaunchWork, WorkItem } from '../../node/work/launch-work.js';
import type { CallLog } from '../../orchestrator/access/call-log.js';
import type { Probe } from '../../orchestrator/orchestrator.js';

/** Items of one launch, about 100 bytes each. An ordinary launch has ten. */
const ITEMS_MAX = 60;
const ERROR_MAX_CHARACTERS = 60;
const URL_MAX_CHARACTERS = 300;

/**
 * Records the calls and probes of one launch, continuing the record of earlier owners. It writes nothing itself: the record
 * is stored with the next change of the row, so that neither a call nor a probe costs a statement. See decision 173.
 */
export class WorkRecorder implements CallLog {
  readonly #clock: Clock;
  readonly #items: WorkItem[];
  #dropped: number;

  constructor(clock: Clock, { items, dropped }: LaunchWork) {
    this.#clock = clock;
    this.#items = [...items];
    this.#dropped = dropped;
  }

  get work(): LaunchWork {
    return { items: [...this.#items], dropped: this.#dropped };
  }

  begin(name: string): (error?: unknown) => void {
    const fromMs = this.#clock.now();
    const last = this.#items.findLastIndex(({ kind }) => kind === 'call');
    const before = this.#items[last];
    // Whether it is a poll: the same call again, after an answer.
    const repeats = before?.name === name && before.toMs !== undefined;
    if (!repeats && this.#items.length >= ITEMS_MAX) {
      this.#dropped += 1;
      return () => undefined;
    }
    const index = repeats ? last : this.#items.length;
    const { toMs: _, ...begun } = repeats
      ? { ...before, count: before.count + 1 }
      : ({ kind: 'call', name, count: 1, failures: 0, fromMs } satisfies WorkItem);
    this.#items[index] = begun;
    let ended = false;
    return (error) => {
      if (ended) return;
      ended = true;
      this.#end(index, error);
    };
  }

  probed({ url, ok, status }: Probe): void {
    const nowMs = this.#clock.now();
    const { name, address } = namesOf(url);
    const known = this.#items.findIndex((item) => item.kind === 'probe' && item.name === name);
    if (known < 0 && this.#items.length >= ITEMS_MAX) {
      this.#dropped += 1;
      return;
    }
    const before = this.#items[known];
    const { status: _, ...series } = before ?? {
      kind: 'probe' as const,
      name,
      count: 0,
      failures: 0,
      fromMs: nowMs,
    };
    this.#items[known < 0 ? this.#items.length : known] = {
      ...series,
      count: series.count + 1,
      failures: series.failures + (ok ? 0 : 1),
      toMs: nowMs,
      url: address,
      ...(status !== undefined && { status }),
    };
  }

  #end(index: number, error: unknown): void {
    const item = this.#items[index];
    if (item === undefined) return;
    const toMs = this.#clock.now();
    this.#items[index] =
      error === undefined
        ? { ...item, toMs }
        : { ...item, toMs, failures: item.failures + 1, error: kindOf(error) };
  }
}

/** The kind of a failure in one word, which holds nothing of an answer and thus no secret. */
function kindOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const kind = 'kind' in error && typeof error.kind === 'string' ? error.kind : error.name;
  return kind.slice(0, ERROR_MAX_CHARACTERS);
}

/** The path and the address of a URL, without query and credentials, which may hold a secret. */
function namesOf(url: string): { readonly name: string; readonly address: string } {
  if (!URL.canParse(url)) return { name: 'unknown', address: '' };
  const { origin, pathname } = new URL(url);
  const name = pathname.slice(0, URL_MAX_CHARACTERS);
  return { name, address: `${origin}${name}` };
}
