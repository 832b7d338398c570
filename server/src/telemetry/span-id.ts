import { createHash } from 'node:crypto';

/**
 * Derives a span's id from its trace and its name, so that it is the same whenever the span is made: 16 hexadecimal digits.
 */
export function spanId(traceId: string, name: string): string {
  return createHash('sha256').update(`${traceId} ${name}`).digest('hex').slice(0, 16);
}
