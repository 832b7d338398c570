import { OPAQUE_CURSOR_FAULT } from '@launchlog/shared/cursor';
import { FieldError } from '@launchlog/shared/error-code';
import { z } from 'zod';
import type { NodePageCursor } from '../node-list-cursor.js';
import type { NodeOrder } from '../sql-node-order.js';

/** A cursor is valid only in its own order, and clients may send any text. */
export function requireSameOrder(order: NodeOrder, cursor: NodePageCursor): void {
  if (order.sort !== cursor.sort || order.descending !== cursor.descending) {
    throw new FieldError('cursor', `must be a cursor of the same order: ${cursor.sort}`);
  }
  const fits =
    order.keys.length === cursor.values.length &&
    order.keys.every(({ type }, index) => VALUE_SCHEMAS[type].safeParse(cursor.values[index]).success);
  if (!fits) throw new FieldError('cursor', OPAQUE_CURSOR_FAULT);
}

const VALUE_SCHEMAS = {
  boolean: z.boolean(),
  int: z.int32(),
  bigint: z.int(),
  float8: z.number(),
  text: z.string(),
  timestamptz: z.iso.datetime({ offset: true }),
  uuid: z.guid(),
} as const;
