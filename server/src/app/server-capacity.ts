import { readFileSync } from 'node:fs';
import type { Config } from '../config.js';
import { MERGED_STREAMS_MAX } from '../merged-feed/merged-feed.js';

/** What one server can hold at once. */
export interface ServerCapacity {
  /** Open event streams, and as many WebSockets; both together need a file each. */
  readonly streams: number;
  readonly mergedStreams: number;
  /** Running launches, on all servers together. */
  readonly launches: number;
  /** Open files of the process; undefined where the system does not report it. */
  readonly files: number | undefined;
}

/** Files besides the streams: short requests, databases, child processes, logs on disk. */
const OTHER_FILES = 1_000;
/** The default, if there are enough files. */
const DEFAULT_STREAMS = 20_000;

/** Reads the file limit from Linux. Node itself raises the soft limit to the hard one. */
export function readServerCapacity(config: Config, limitsPath = '/proc/self/limits'): ServerCapacity {
  const files = filesMax(limitsPath);
  return {
    streams: config.MAX_STREAMS ?? fittingStreams(files),
    mergedStreams: MERGED_STREAMS_MAX,
    launches: config.MAX_RUNNING_LAUNCHES,
    files,
  };
}

/** The capacity in one line, for people. */
export function capacityText({ streams, mergedStreams, launches, files }: ServerCapacity): string {
  const open = files === undefined ? [] : [`${files} open files`];
  return [
    `${streams} streams`,
    `${mergedStreams} streams of many nodes`,
    `${launches} running launches`,
    ...open,
  ].join(', ');
}

/** A sentence if there are too few files for `MAX_STREAMS`. Undefined if there are enough, or if it is not configured. */
export function capacityWarning({ streams, files }: ServerCapacity, config: Config): string | undefined {
  if (config.MAX_STREAMS === undefined || files === undefined || files >= streams + OTHER_FILES)
    return undefined;
  const fitting = Math.max(0, files - OTHER_FILES);
  return `MAX_STREAMS is ${streams}, but with ${files} open files there is room for about ${fitting}: raise the limit (ulimit -n, LimitNOFILE) to ${streams + OTHER_FILES}`;
}

/** If there are few files, streams get half of them. */
function fittingStreams(files: number | undefined): number {
  if (files === undefined) return DEFAULT_STREAMS;
  return Math.max(1, Math.min(DEFAULT_STREAMS, Math.max(files - OTHER_FILES, Math.floor(files / 2))));
}

function filesMax(path: string): number | undefined {
  try {
    const soft = /^Max open files\s+(\d+|unlimited)/m.exec(readFileSync(path, 'utf8'))?.[1];
    return soft === undefined || soft === 'unlimited' ? undefined : Number(soft);
  } catch {
    return undefined;
  }
}
