import { cursorSchema, OPAQUE_CURSOR_FAULT } from '@launchlog/shared/cursor';
import { FieldError } from '@launchlog/shared/error-code';
import { z } from 'zod';

/** How far a search has come: in the log of one node, after all newer nodes. */
export interface ScanPlace {
  /** RFC 3339 */
  readonly createdAt: string;
  readonly nodeId: string;
  /** In the log of that node. */
  readonly cursor: string;
}

const placeSchema = z.tuple([z.iso.datetime(), z.uuid(), cursorSchema]);

/** Opaque to clients. */
export function formatScanPlace({ createdAt, nodeId, cursor }: ScanPlace): string {
  return Buffer.from(JSON.stringify([createdAt, nodeId, cursor])).toString('base64url');
}

/** Throws `invalid_request` for anything that `formatScanPlace` did not make. */
export function parseScanPlace(text: string): ScanPlace {
  try {
    const json = Buffer.from(text, 'base64url').toString('utf8');
    const [createdAt, nodeId, cursor] = placeSchema.parse(JSON.parse(json));
    return { createdAt, nodeId, cursor };
  } catch (cause) {
    throw new FieldError('cursor', OPAQUE_CURSOR_FAULT, { cause });
  }
}
