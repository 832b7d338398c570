import type { LogDetails, LogLevel } from '@launchlog/shared/log-entry';
import type { LaunchEvent } from '../launch-event.js';
import type { ParsedLine } from './parsed-line.js';
import { readProgressBar } from './progress-bar.js';
import { readModelFailure } from './vllm-failure.js';

/** Parses a line of vLLM 0.3 to 0.20. `text` has neither colours nor SkyPilot's prefix. */
export function parseVllmLine(text: string): ParsedLine {
  const { level, message, details } = withoutPrefix(text);
  const cause = readModelFailure(message);
  const known = readRule(message);
  return {
    level: cause === undefined ? level : 'error',
    message,
    details: details ?? known?.details,
    event: known?.event,
    cause,
    bar: readProgressBar(message),
  };
}

/** `(EngineCore_DP0 pid=272) `: the process of vLLM that printed the line; prefixes may be nested. */
const PROCESS_PREFIX = /^\s*\(([A-Za-z][\w-]{0,63}) pid=\d{1,10}\) ?/;
/** `INFO 11-23 12:00:00 [gpu_model_runner.py:2602] `; the brackets came with 0.7, before it was `file.py:12] `. */
const LOGGER_PREFIX =
  /^(DEBUG|INFO|WARNING|ERROR|CRITICAL) \d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})? \[?([\w./<>-]{1,128}:\d{1,6})\] ?/;
/** uvicorn's `INFO:     ` and Python's own `WARNING:root:`. */
const PLAIN_PREFIX = /^(DEBUG|INFO|WARNING|ERROR|CRITICAL):\s{1,8}/;
const LEVELS: Readonly<Record<string, LogLevel>> = { DEBUG: 'debug', INFO: 'info', WARNING: 'warn' };

function withoutPrefix(text: string): { level: LogLevel; message: string; details: LogDetails | undefined } {
  let rest = text.trimEnd();
  let process: string | undefined;
  for (let depth = 0; depth < 3; depth += 1) {
    const match = PROCESS_PREFIX.exec(rest);
    if (match === null) break;
    process = match[1];
    rest = rest.slice(match[0].length);
  }
  const logger = LOGGER_PREFIX.exec(rest) ?? PLAIN_PREFIX.exec(rest);
  if (logger === null) return { level: 'info', message: rest, details: undefined };
  const level = LEVELS[logger[1] ?? ''] ?? 'error';
  // The origin helps to find an error; on every other line it is noise.
  const origin = level === 'warn' || level === 'error' ? { process, location: logger[2] } : {};
  return { level, message: rest.slice(logger[0].length), details: presentOf(origin) };
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
