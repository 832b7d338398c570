import type { ProgressBar } from './parsed-line.js';

/** `name:  25%|██▌  | 1/4 [00:01<00:03]` (tqdm), its `name: 8% 72.9M/892M [` and vLLM's `name:  25% Completed | 1/4 […]`. */
const PERCENT_BAR =
  /^(.{0,200}?):?\s{0,8}(\d{1,3})%(?:\||\s{1,4}Completed \||\s{1,4}[\d.]{1,9}[kMGT]?\/[\d.]{1,9}[kMGT]? \[)/;
/** pip's `━━━━╸   1.2/2.3 GB 100 MB/s eta 0:00:11`. */
const SIZE_BAR = /^\s{0,16}[━╸╺ ]{8,200}\s(\d{1,9}(?:\.\d{1,3})?)\/(\d{1,9}(?:\.\d{1,3})?) [kMGT]?i?B\b/u;
/** rsync's `  2,523,136  82%    2.38MB/s    0:00:00`, whichever file it copies: the line before names it. */
const RSYNC_BAR =
  /^\s{1,32}[\d,]{1,26}\s{1,8}(\d{1,3})%\s{1,8}[\d.]{1,9}[kMGT]?B\/s\s{1,8}\d{1,4}:\d\d:\d\d(?:\s|$)/;

export function readProgressBar(text: string): ProgressBar | undefined {
  const percent = PERCENT_BAR.exec(text);
  if (percent !== null) return { name: percent[1]?.trim() ?? '', percent: Math.min(100, Number(percent[2])) };
  const copied = RSYNC_BAR.exec(text);
  if (copied !== null) return { name: 'rsync', percent: Math.min(100, Number(copied[1])) };
  const size = SIZE_BAR.exec(text);
  if (size === null) return undefined;
  const whole = Number(size[2]);
  return { name: `of ${whole}`, percent: whole === 0 ? 100 : Math.min(100, (100 * Number(size[1])) / whole) };
}

/** Percentage points between two states of a bar that are both logged. */
const STEP_PERCENT = 10;
/** How many bars are remembered. Beyond that the oldest is forgotten, and one of its states may be logged twice. */
const BARS_MAX = 64;

/** Thins out bars, which redraw many times a second: keeps the first state, every ten points and the end. */
export class ProgressBarThinning {
  readonly #last = new Map<string, number>();

  wants(bar: ProgressBar): boolean {
    const last = this.#last.get(bar.name);
    const wanted =
      last === undefined ||
      // A slightly lower state is of another process whose bar has the same name.
      last - bar.percent >= STEP_PERCENT ||
      bar.percent - last >= STEP_PERCENT ||
      (bar.percent >= 100 && last < 100);
    if (!wanted) return false;
    this.#last.delete(bar.name);
    this.#last.set(bar.name, bar.percent);
    const oldest = this.#last.keys().next();
    if (this.#last.size > BARS_MAX && oldest.done !== true) this.#last.delete(oldest.value);
    return true;
  }
}
