import { pino } from 'pino';
import { LogRedactor } from './redactor.js';

/**
 * An error as the server's own log has it: errors quote what programs and servers have answered. What else hangs on them
 * (whole outputs) is left out.
 */
export function maskedError(error: unknown): unknown {
  return masked(error instanceof Error ? pino.stdSerializers.err(error) : error);
}

function masked(value: unknown): unknown {
  if (typeof value === 'string') return redactor.redactText(value);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).flatMap(([name, part]: [string, unknown]): [string, unknown][] => {
    if (name === 'aggregateErrors' && Array.isArray(part)) return [[name, part.map(masked)]];
    return typeof part === 'object' ? [] : [[name, masked(part)]];
  });
  return Object.fromEntries(entries);
}

/** It knows no launch and remembers no line, so all errors share it. */
const redactor = new LogRedactor();
