import { parseTRPCMessage } from '@trpc/server/rpc';
import type { TRPCClientOutgoingMessage } from '@trpc/server/rpc';
import { transformer } from './input-transformer.js';

/** The messages in one WebSocket message of a client, not parsed yet. Undefined for text that is not JSON. */
export function splitMessages(data: Buffer): readonly unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(data.toString('utf8'));
    return Array.isArray(value) ? value : [value];
  } catch {
    return undefined;
  }
}

/** Undefined for a message that tRPC does not know. */
export function parseMessage(raw: unknown): TRPCClientOutgoingMessage | undefined {
  try {
    return parseTRPCMessage(raw, transformer);
  } catch {
    return undefined;
  }
}
