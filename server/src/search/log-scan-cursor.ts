import { cursorSchema, OPAQUE_CURSOR_FAULT } from '@launchlog/shared/cursor';
import { FieldError } from '@launchlog/shared/error-code';
import { z } from 'zod';

/** Position of a search: in the log of one node, after those of all newer nodes. */
export interface ScanPosition {
  /** RFC 3339 */
  readonly createdAt: string;
  readonly nodeId: string;
  /** Position in the log of that node. */
  readonly cursor: string;
}

const positionSchema = z.tuple([z.iso.datetime(), z.guid(), cursorSchema]);

/** Formats the position as a cursor, opaque to clients. */
export function formatScanPosition({ createdAt, nodeId, cursor }: ScanPosition): string {
  return Buffer.from(JSON.stringify([createdAt, nodeId, cursor])).toString('base64url');
}

/** Throws `invalid_request` for text that `formatScanPosition` did not return. */
export function parseScanPosition(text: string): ScanPosition {
  try {
    const json = Buffer.from(text, 'base64url').toString('utf8');
    const [createdAt, nodeId, cursor] = positionSchema.parse(JSON.parse(json));
    return { createdAt, nodeId, cursor };
  } catch (cause) {
    throw new FieldError('cursor', OPAQUE_CURSOR_FAULT, { cause });
  }
}
