import { OPAQUE_CURSOR_FAULT } from '@launchlog/shared/cursor';
import { FieldError } from '@launchlog/shared/error-code';
import { z } from 'zod';

/** The last node of a page of the list. */
interface NodeListCursor {
  /** RFC 3339. */
  readonly createdAt: string;
  readonly id: string;
}

const cursorSchema = z.tuple([z.iso.datetime(), z.uuid()]);

/** The cursor as text, which is opaque to clients. */
export function formatNodeListCursor(createdAt: Date, id: string): string {
  return Buffer.from(JSON.stringify([createdAt.toISOString(), id])).toString('base64url');
}

/** Throws `invalid_request` for text that `formatNodeListCursor` did not return. */
export function parseNodeListCursor(cursor: string): NodeListCursor {
  try {
    const [createdAt, id] = cursorSchema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
    return { createdAt, id };
  } catch (error) {
    throw new FieldError('cursor', OPAQUE_CURSOR_FAULT, { cause: error });
  }
}
