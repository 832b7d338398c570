import { createHash } from 'node:crypto';

/** 16 hexadecimal digits: the same for a trace and a name whenever the span is made. */
export function spanId(traceId: string, name: string): string {
  return createHash('sha256').update(`${traceId} ${name}`).digest('hex').slice(0, 16);
}
