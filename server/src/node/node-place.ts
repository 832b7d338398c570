import { OPAQUE_CURSOR_FAULT } from '@launchlog/shared/cursor';
import { FieldError } from '@launchlog/shared/error-code';
import { z } from 'zod';

/** Where a page of the list ended. */
export interface NodePlace {
  /** RFC 3339 */
  readonly createdAt: string;
  readonly id: string;
}

const placeSchema = z.tuple([z.iso.datetime(), z.uuid()]);

/** Opaque to clients. */
export function formatPlace(createdAt: Date, id: string): string {
  return Buffer.from(JSON.stringify([createdAt.toISOString(), id])).toString('base64url');
}

/** Throws `invalid_request` for anything that `formatPlace` did not make. */
export function parsePlace(cursor: string): NodePlace {
  try {
    const [createdAt, id] = placeSchema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
    return { createdAt, id };
  } catch (error) {
    throw new FieldError('cursor', OPAQUE_CURSOR_FAULT, { cause: error });
  }
}
