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

export function parsedVllmLine({ process, level = 'info', location, message }: PrefixedLine): ParsedLine {
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

function presentOf(values: Readonly<Record<string, string | undefined>>): LogDetails | undefined {
  const present = Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return present.length === 0 ? undefined : Object.fromEntries(present);
}

interface RuleMatch {
  readonly event: LaunchEvent;
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

/** The part of the phase in which weights are read; the download comes before it, the warm-up after it. */
const WEIGHTS_FROM = 0.1;
const WEIGHTS_TO = 0.6;

function loading(fraction: number, detail?: string) {
  return (match: RegExpExecArray): RuleMatch => {
    const value = Number(match[1]?.replaceAll(',', ''));
    return {
      event: { kind: 'model_loading_step', fraction },
      ...(detail !== undefined && Number.isFinite(value) && { details: { [detail]: value } }),
    };
  };
}

function shards(match: RegExpExecArray): RuleMatch {
  const [shard, of] = [Number(match[1]), Number(match[2])];
  const part = of === 0 ? 1 : Math.min(1, shard / of);
  const fraction = WEIGHTS_FROM + (WEIGHTS_TO - WEIGHTS_FROM) * part;
  return { event: { kind: 'model_loading_step', fraction }, details: { shard, shards: of } };
}

function fetchedFiles(match: RegExpExecArray): RuleMatch {
  const [file, of] = [Number(match[1]), Number(match[2])];
  const fraction = 0.02 + 0.07 * (of === 0 ? 1 : Math.min(1, file / of));
  return { event: { kind: 'model_loading_step', fraction }, details: { file, files: of } };
}

/** In the order in which they appear during a start. The first match counts. */
const RULES: readonly VllmRule[] = [
  {
    pattern: /vLLM API server version v?(\d[\w.+-]*)/,
    read: (match) => ({
      event: { kind: 'installing_step', fraction: 1 },
      details: { vllm_version: match[1] ?? '' },
    }),
  },
  { pattern: /^Starting to load model /, read: loading(0.02) },
  { pattern: /^Fetching \d+ files:.{0,200}?\s(\d{1,6})\/(\d{1,6}) \[/u, read: fetchedFiles },
  {
    pattern: /^Time spent downloading weights for .{1,300}: ([\d.]+) seconds/,
    read: loading(0.1, 'download_seconds'),
  },
  {
    pattern:
      /^Loading .{1,80}?(?:checkpoint shards|Model Streamer).{0,20}?:\s{0,8}\d{1,3}% Completed \| (\d{1,6})\/(\d{1,6})/,
    read: shards,
  },
  { pattern: /^Loading weights took ([\d.]+) seconds/, read: loading(WEIGHTS_TO, 'load_seconds') },
  {
    pattern: /^(?:Model loading|Loading model weights) took ([\d.]+) Gi?B/,
    read: loading(0.65, 'gpu_memory_gib'),
  },
  { pattern: /torch\.compile takes ([\d.]+) s/, read: loading(0.75, 'compile_seconds') },
  { pattern: /torch\.compile took ([\d.]+) s/, read: loading(0.75, 'compile_seconds') },
  { pattern: /Available KV cache memory: ([\d.]+) GiB/, read: loading(0.8, 'kv_cache_gib') },
  { pattern: /GPU KV cache size: ([\d,]+) tokens/, read: loading(0.82, 'kv_cache_tokens') },
  { pattern: /# (?:GPU|cuda) blocks: (\d+)/, read: loading(0.82, 'gpu_blocks') },
  {
    pattern: /^Capturing (?:CUDA graphs?|cudagraphs).{0,120}?(\d{1,3})%/i,
    read: (match) => ({
      event: { kind: 'model_loading_step', fraction: 0.82 + 0.12 * Math.min(1, Number(match[1]) / 100) },
    }),
  },
  { pattern: /^Graph capturing finished in (\d+) secs/, read: loading(0.95, 'capture_seconds') },
  { pattern: /^init engine .{0,120} took ([\d.]+) s/, read: loading(0.97, 'warm_up_seconds') },
  { pattern: /^Starting vLLM (?:API )?server/, read: loading(0.99) },
  {
    pattern: /^Application startup complete|^Uvicorn running on /,
    read: () => ({ event: { kind: 'startup_complete' } }),
  },
];
