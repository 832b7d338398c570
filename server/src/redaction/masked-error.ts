import { pino } from 'pino';
import { LogRedactor } from './redactor.js';

/**
 * Masks an error for the server's own log, because errors quote the answers of programs and servers. Other properties of
 * the error, such as entire outputs, are left out.
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

/** It has no secrets of a launch and no memory of lines, so all errors share it. */
const redactor = new LogRedactor();
