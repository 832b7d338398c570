import type { LogLevel } from '@launchlog/shared/log-entry';

/** A line of the model server, split into its prefix and its message. */
export interface PrefixedLine {
  /** The innermost process that is named: `EngineCore_DP0`, `Worker_TP1`, `rank0`. */
  readonly process: string | undefined;
  /** Undefined without a logger's prefix. */
  readonly level: LogLevel | undefined;
  /** `core.py:866` */
  readonly location: string | undefined;
  readonly message: string;
}

/** vLLM below Ray prints at most three: Ray's, the engine's and the worker's. */
const PROCESSES_MAX = 4;
/**
 * `(EngineCore_DP0 pid=272) `, vLLM 0.8's `(VllmWorker rank=1 pid=9) `, Ray's `(RayWorkerWrapper pid=9, ip=10.0.0.2) `,
 * `(pid=9) ` and `(raylet) `, and torchrun's `[rank0]: `.
 */
const PROCESS_PREFIX =
  /^\s*\(([A-Za-z_][\w.:+-]{0,99}(?: [\w=.:+-]{1,40}){0,3}) pid=\d{1,10}(?:, ip=[^,)]{1,64})?\) ?|^\s*\((?:pid=\d{1,10}|(raylet|autoscaler \+\w{1,16}))(?:, ip=[^,)]{1,64})?\) ?|^\[(rank\d{1,6})\]: ?/;
/** Prefixes of programs that keep the output of others: Compose's `name-1  | `, journald, a container's log, and a date. */
const KEEPER_PREFIX =
  /^(?:([\w.-]{1,100})\s{2,40}\|(?: |$)|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \S{1,100} ([\w.@-]{1,100})\[\d{1,10}\]: ?|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.,\d]{0,12}(?:Z|[+-]\d\d:?\d\d) (?:std(?:out|err) [FP] )?|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:[.,]\d{1,9})? )/;
/**
 * The ranks that launchers write in front (`[0] [0] `), and their names for a program (`[vllm]: `). A name is one only in front of
 * a prefix that is known, as programs write their own words in brackets too.
 */
const LAUNCHER_PREFIX =
  /^(?:\[\d{1,4}\] ){1,4}|^\[[A-Za-z][\w .-]{0,40}\]:? (?=\([A-Za-z_][^()]{0,200} pid=\d|(?:DEBUG|INFO|WARNING|ERROR|CRITICAL) \d\d-\d\d )/;
/** `INFO 11-23 12:00:00 [gpu_model_runner.py:2602] `; the brackets came with 0.7, before it was `file.py:12] `. */
const LOGGER_PREFIX =
  /^(DEBUG|INFO|WARNING|ERROR|CRITICAL) \d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})? \[?([\w./<>-]{1,128}:\d{1,6})\] ?/;
/** uvicorn's `INFO:     ` and Python's own `WARNING:root:`. */
const PLAIN_PREFIX = /^(DEBUG|INFO|WARNING|ERROR|CRITICAL):\s{1,8}/;
/** PyTorch's own: `[W1126 23:05:53.239756293 utils.cpp:68] `, where a month has one digit until October. */
const TORCH_PREFIX = /^\[([IWEF])\d{3,4} \d\d:\d\d:\d\d\.\d{1,9} ([\w./-]{1,128}:\d{1,6})\] ?(?:Warning: )?/;
/** Ray's own: `[2026-11-26 12:00:20,730 E 1 1] (raylet) gcs_rpc_client.h:179: `. */
const RAY_PREFIX =
  /^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} ([DIWEFC]) \d{1,10} \d{1,10}\] (?:\([\w-]{1,100}\) )?([\w./-]{1,128}:\d{1,6}): ?/;
const LEVELS: Readonly<Record<string, LogLevel>> = {
  DEBUG: 'debug',
  D: 'debug',
  INFO: 'info',
  I: 'info',
  WARNING: 'warn',
  W: 'warn',
};

const LOGGERS = [LOGGER_PREFIX, PLAIN_PREFIX, TORCH_PREFIX, RAY_PREFIX];

export function readVllmPrefix(text: string): PrefixedLine {
  const keeper = KEEPER_PREFIX.exec(text);
  let rest = text
    .slice(keeper?.[0].length ?? 0)
    .replace(LAUNCHER_PREFIX, '')
    .trimEnd();
  let process = keeper?.[1] ?? keeper?.[2];
  for (let depth = 0; depth < PROCESSES_MAX; depth += 1) {
    const match = PROCESS_PREFIX.exec(rest);
    if (match === null) break;
    process = match[1] ?? match[2] ?? match[3] ?? process;
    rest = rest.slice(match[0].length);
  }
  const logger = LOGGERS.map((pattern) => pattern.exec(rest)).find((match) => match !== null);
  if (logger === undefined) return { process, level: undefined, location: undefined, message: rest };
  const level = LEVELS[logger[1] ?? ''] ?? 'error';
  return { process, level, location: logger[2], message: rest.slice(logger[0].length) };
}
