import type { LogDetails } from '@launchlog/shared/log-entry';

/** The state of a bar of a download of weights. */
interface WeightFetchBar {
  readonly name: string;
  readonly percent: number;
  readonly details: LogDetails;
}

/** The name of the download: a file of weights, or all of them together. */
const NAME =
  /\.(?:safetensors|bin|pt|pth|gguf)$|^(?:Fetching weights|Downloading (?:bytes|\(.{1,40}\))|Reconstruct(?:ing|ion)\b.{0,40})$/;
/** `name:  12%|█▏  | 1.20G/9.80G`, without a frame `name: 12% 1.20G/9.80G`, and with units `3.00MB / 9.00MB`. */
const BAR =
  /^(.{1,200}?):\s{0,8}(\d{1,3})%(?:\|(?:[^|]{0,200}\|)?)?\s{0,8}([\d.]{1,9}) ?([kKMGTP]?)B? ?\/ {0,8}([\d.]{1,9}) ?([kKMGTP]?)B?(?=$|[\s,[])(.{0,80})/u;
/** `[00:05<00:55, 82.0MB/s]`, where `?` is unknown. */
const TIMING = /^\s{0,8}\[[\d:?]{1,12}<((?:\d{1,3}:)?\d{1,3}:\d\d)?/;
const RATE = /([\d.]{1,9}) ?([kKMGTP]?)B\/s/;
const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  K: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
};

/** Reads the bars of huggingface_hub 0.20 to 2.4, and that of the task's own step. Sizes are in bytes. */
export function readWeightFetchBar(message: string): WeightFetchBar | undefined {
  const match = BAR.exec(message);
  if (match === null) return undefined;
  const [, name = '', percent, done, doneUnit, whole, wholeUnit, rest = ''] = match;
  if (!NAME.test(name)) return undefined;
  const [bytes, total] = [bytesOf(done, doneUnit), bytesOf(whole, wholeUnit)];
  const [, rate, rateUnit] = RATE.exec(rest) ?? [];
  const perSecond = rate === undefined ? undefined : bytesOf(rate, rateUnit);
  const eta = secondsOf(TIMING.exec(rest)?.[1]) ?? secondsLeft(total - bytes, perSecond);
  return {
    name,
    percent: Math.min(100, Number(percent)),
    details: {
      percent: Math.min(100, Number(percent)),
      bytes,
      bytes_total: total,
      ...(perSecond !== undefined && { bytes_per_second: perSecond }),
      ...(eta !== undefined && { eta_seconds: eta }),
    },
  };
}

function bytesOf(amount = '0', unit = ''): number {
  const bytes = Number(amount) * (UNITS[unit] ?? 1);
  return Number.isFinite(bytes) ? Math.round(bytes) : 0;
}

/** The seconds of `01:30` or `1:02:03`. */
function secondsOf(text: string | undefined): number | undefined {
  return text?.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
}

function secondsLeft(bytes: number, perSecond: number | undefined): number | undefined {
  if (perSecond === undefined || perSecond === 0) return undefined;
  return Math.round(Math.max(0, bytes) / perSecond);
}

/** How many files are followed; further ones count as not begun. */
const FILES_MAX = 1_000;

/** How much of the weights is downloaded. The bar of one file of several counts as its share. */
export class WeightFetch {
  readonly #files = new Map<string, number>();

  /** From 0 to 1. */
  read({ name, percent }: WeightFetchBar): number {
    const files = Number(/-\d{1,6}-of-(\d{1,6})\./.exec(name)?.[1] ?? 1);
    if (!(files > 1)) return percent / 100;
    if (this.#files.has(name) || this.#files.size < FILES_MAX) this.#files.set(name, percent);
    const sum = [...this.#files.values()].reduce((total, each) => total + each, 0);
    return Math.min(1, sum / 100 / files);
  }
}
