import type { LogDetails } from '@launchlog/shared/log-entry';
import type { LaunchEvent } from '../launch-event.js';
import type { ParsedLine } from './parsed-line.js';
import { readProgressBar } from './progress-bar.js';
import type { PrefixedLine } from './vllm-prefix.js';
import { readVllmPrefix } from './vllm-prefix.js';

/** Parses a line of vLLM 0.3 to 0.33. `text` has neither colours nor SkyPilot's prefix. */
export function parseVllmLine(text: string): ParsedLine {
  return parsedVllmLine(readVllmPrefix(text));
}

export function parsedVllmLine({
  process,
  level = 'info',
  location,
  message: text,
}: PrefixedLine): ParsedLine {
  const message = withoutLogo(text);
  // The origin helps to find an error; on every other line it is noise.
  const origin = level === 'warn' || level === 'error' ? presentOf({ process, location }) : undefined;
  const known = readRule(message);
  return {
    level,
    message,
    details: origin ?? known?.details,
    event: known?.event,
    bar: readProgressBar(message),
  };
}

/** vLLM prints its logo in five lines, of which two hold the version and the model. */
function withoutLogo(text: string): string {
  return /^[\s▀▄█]{0,200}[▀▄█]/u.test(text)
    ? text
        .replace(/^[\s▀▄█]{1,200}/u, '')
        .trimEnd()
        .replace(/\s+/, ' ')
    : text;
}

function presentOf(values: Readonly<Record<string, string | undefined>>): LogDetails | undefined {
  const present = Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return present.length === 0 ? undefined : Object.fromEntries(present);
}

interface RuleMatch {
  readonly event?: LaunchEvent;
  readonly details?: LogDetails;
}

interface VllmRule {
  readonly pattern: RegExp;
  readonly read: (match: RegExpExecArray) => RuleMatch;
}

function readRule(message: string): RuleMatch | undefined {
  for (const { pattern, read } of RULES) {
    const match = pattern.exec(message);
    if (match !== null) return read(match);
  }
  return undefined;
}

/** Parts of the phase: the weights are fetched, then read into memory; the warm-up comes after them. */
export const FETCH_FROM = 0.02;
export const FETCH_TO = 0.35;
const WEIGHTS_TO = 0.65;
const CAPTURE_FROM = 0.82;
const CAPTURE_TO = 0.94;

function loading(fraction: number, detail?: string) {
  return (match: RegExpExecArray): RuleMatch => {
    const value = Number(match[1]?.replaceAll(',', ''));
    return {
      event: { kind: 'model_loading_step', fraction },
      ...(detail !== undefined && Number.isFinite(value) && { details: { [detail]: value } }),
    };
  };
}

function version(match: RegExpExecArray): RuleMatch {
  return { event: { kind: 'model_loading_step', fraction: 0 }, details: { vllm_version: match[1] ?? '' } };
}

/** The bar counts files, or the tensors or bytes of a streamer. */
function weights(match: RegExpExecArray): RuleMatch {
  const [, reader = '', percent, at = '', of = ''] = match;
  const part = Math.min(1, Number(percent) / 100);
  const event = { kind: 'model_loading_step', fraction: FETCH_TO + (WEIGHTS_TO - FETCH_TO) * part } as const;
  if (!/^\d+$/.test(at) || !/^\d+$/.test(of)) return { event };
  const [done, all] = [Number(at), Number(of)];
  const details = /Streamer/.test(reader) ? { tensor: done, tensors: all } : { shard: done, shards: all };
  return { event, details };
}

/** Configuration and tokenizer: a few small files, not weights. */
function fetchedFiles(match: RegExpExecArray): RuleMatch {
  return { details: { file: Number(match[1]), files: Number(match[2]) } };
}

/** Graphs are captured for mixed batches first and for decoding last, with a bar for each. */
function graphs(match: RegExpExecArray): RuleMatch {
  const [, label = '', percent] = match;
  const part = Math.min(1, Number(percent) / 100);
  const last = /\bdecode (?:CUDA|cudagraph)|\((?:decode, )?FULL\)/i.test(label);
  const first = /prefill|PIECEWISE/i.test(label) && !last;
  const middle = (CAPTURE_FROM + CAPTURE_TO) / 2;
  const [from, to] = [last ? middle : CAPTURE_FROM, first ? middle : CAPTURE_TO];
  return { event: { kind: 'model_loading_step', fraction: from + (to - from) * part } };
}

/** Messages in the order in which they appear during a start. The first match counts. */
const RULES: readonly VllmRule[] = [
  { pattern: /^vLLM (?:API )?server version v?(\d[\w.+-]*)/, read: version },
  { pattern: /^version v?(\d[\w.+-]*)$/, read: version },
  { pattern: /^Fetching weights of /, read: loading(FETCH_FROM) },
  { pattern: /^The weights of .{1,300} are on disk/, read: loading(FETCH_TO) },
  { pattern: /^(?:Starting to load model |Loading model from scratch)/, read: loading(FETCH_FROM) },
  { pattern: /^Fetching \d+ files:.{0,200}?\s(\d{1,6})\/(\d{1,6}) \[/u, read: fetchedFiles },
  {
    pattern: /^Time spent downloading weights for .{1,300}: ([\d.]+) seconds/,
    read: loading(FETCH_TO, 'download_seconds'),
  },
  {
    pattern:
      /^((?:Multi-thread l|L)oading (?=.{0,80}(?:shards|Streamer|loader)).{1,80}?):\s{0,8}(\d{1,3})%(?: Completed)? ?\|(?:[^|\d]{0,200}\|)?\s?([\d.]{1,12}[kMGTP]?)\/([\d.]{1,12}[kMGTP]?) \[/u,
    read: weights,
  },
  { pattern: /^Loading weights took ([\d.]+) seconds/, read: loading(WEIGHTS_TO, 'load_seconds') },
  {
    pattern: /^(?:Model loading|Loading model weights) took ([\d.]+) Gi?B/,
    read: loading(0.68, 'gpu_memory_gib'),
  },
  { pattern: /torch\.compile (?:takes|took) ([\d.]+) s/, read: loading(0.75, 'compile_seconds') },
  { pattern: /Available KV cache memory: ([\d.]+) GiB/, read: loading(0.8, 'kv_cache_gib') },
  { pattern: /KV cache size: ([\d,]+) tokens/, read: loading(CAPTURE_FROM, 'kv_cache_tokens') },
  { pattern: /# (?:GPU|cuda|CPU) blocks: (\d+)/, read: loading(CAPTURE_FROM, 'gpu_blocks') },
  {
    pattern: /^(Capturing (?:.{0,60} )?(?:CUDA graphs?|cudagraphs)\b.{0,120}?):?\s{1,8}(\d{1,3})%/i,
    read: graphs,
  },
  { pattern: /^Graph capturing finished in (\d+) secs/, read: loading(0.95, 'capture_seconds') },
  { pattern: /^init engine .{0,120} took ([\d.]+) s/, read: loading(0.97, 'warm_up_seconds') },
  { pattern: /^Starting vLLM (?:API )?server/, read: loading(0.99) },
  {
    pattern: /^Application startup complete|^Uvicorn running on /,
    read: () => ({ event: { kind: 'startup_complete' } }),
  },
];
