import type { Done } from '@launchlog/shared/event';
import type { LogEntry } from '@launchlog/shared/log-entry';
import { stripControls, stripSequences } from '@launchlog/shared/terminal-sequence';
import { closedError } from '../error/launchlog-api-error.js';
import type { FollowOptions } from '../follow-options.js';
import { FUNCTION, OBJECT } from '../option-check.js';
import type { NodesResource } from '../resource/nodes.js';

/** A stream of Node, such as `process.stdout`, or of the platform. It stays open. */
export type LogTarget =
  | {
      /** Returns false when it has enough for now. */
      write(text: string): unknown;
      /** Listens once. */
      once(event: 'drain' | 'close' | 'error', listener: () => void): unknown;
      /** Stops listening. */
      off(event: 'drain' | 'close' | 'error', listener: () => void): unknown;
    }
  | {
      /** The lock is released after each line. */
      getWriter(): {
        /** Resolves when it takes more. */
        write(text: string): Promise<void>;
        /** Lets others write. */
        releaseLock(): void;
      };
    };

export interface PipeOptions extends Omit<FollowOptions, 'connectionEvents'> {
  /** Text of one entry, with its line break. By default time, level and message, without control characters. */
  readonly format?: ((entry: LogEntry) => string) | undefined;
}

/** Writes a log line by line, at the pace of the target, and resolves with its end. */
export async function pipeLog(
  nodes: NodesResource,
  nodeId: string,
  { target, format = lineOf, ...options }: PipeOptions & { readonly target: LogTarget },
): Promise<Done> {
  checkPipe(target, format);
  const write = writerOf(target);
  for await (const event of nodes.logsStream(nodeId, options)) {
    if (event.type === 'log') await write(format(event.entry));
    if (event.type === 'done') return event.done;
  }
  options.signal?.throwIfAborted();
  throw closedError();
}

function checkPipe(target: unknown, format: unknown): void {
  const isTarget = OBJECT.holds(target) && ('write' in Object(target) || 'getWriter' in Object(target));
  if (!isTarget)
    throw new TypeError('the target must be a stream such as process.stdout, or a WritableStream');
  if (!FUNCTION.holds(format)) throw new TypeError(`option 'format' ${FUNCTION.must}`);
}

function lineOf({ timestamp, level, message }: LogEntry): string {
  return `${timestamp} ${level.padEnd(5)} ${stripControls(stripSequences(message))}\n`;
}

function writerOf(target: LogTarget): (text: string) => Promise<void> {
  if ('getWriter' in target) {
    return async (text) => {
      const writer = target.getWriter();
      try {
        await writer.write(text);
      } finally {
        writer.releaseLock();
      }
    };
  }
  return async (text) => {
    if (target.write(text) !== false) return;
    await new Promise<void>((resolve) => {
      const settle = () => {
        for (const event of ['drain', 'close', 'error'] as const) target.off(event, settle);
        resolve();
      };
      for (const event of ['drain', 'close', 'error'] as const) target.once(event, settle);
    });
  };
}
