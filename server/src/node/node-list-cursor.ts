import { OPAQUE_CURSOR_FAULT } from '@launchlog/shared/cursor';
import { FieldError } from '@launchlog/shared/error-code';
import { NODE_SORTS } from '@launchlog/shared/node';
import type { NodeSort } from '@launchlog/shared/node';
import { z } from 'zod';

/** The last node of a page of the list. */
interface NodeListCursor {
  /** RFC 3339. */
  readonly createdAt: string;
  readonly id: string;
}

/** Where a page of a list in any order ends. */
export interface NodePageCursor {
  readonly sort: NodeSort;
  readonly descending: boolean;
  /** The time, RFC 3339, at which costs were computed. */
  readonly asOf: string;
  /** The values of the order's keys at the last node. */
  readonly values: Readonly<z.output<typeof orderValuesSchema>>;
}

/** The values of the keys of an order at one node. */
export const orderValuesSchema = z.array(z.union([z.string(), z.number(), z.boolean()]));
const cursorSchema = z.tuple([z.iso.datetime(), z.guid()]);
const VALUES_MAX = 8;
const pageCursorSchema = z.tuple([
  z.enum(NODE_SORTS),
  z.boolean(),
  z.iso.datetime(),
  orderValuesSchema.max(VALUES_MAX),
]);

/** Formats the cursor of a list ordered by creation; it is opaque to clients. */
export function formatNodeListCursor(createdAt: Date, id: string): string {
  return encode([createdAt.toISOString(), id]);
}

/** Throws `invalid_request` for text that `formatNodeListCursor` did not return. */
export function parseNodeListCursor(cursor: string): NodeListCursor {
  const [createdAt, id] = decode(cursor, cursorSchema);
  return { createdAt, id };
}

/** Formats the cursor of a list in any order. */
export function formatNodePageCursor({ sort, descending, asOf, values }: NodePageCursor): string {
  return encode([sort, descending, asOf, values]);
}

/** Throws `invalid_request` for anything but a cursor of one of the two forms. */
export function parseNodePageCursor(cursor: string): NodePageCursor {
  const [first, ...others] = decode(cursor, z.union([pageCursorSchema, cursorSchema]));
  if (others.length === 1) {
    return { sort: 'created', descending: true, asOf: first, values: [first, ...others] };
  }
  const [descending, asOf, values] = others;
  return { sort: first as NodeSort, descending, asOf, values };
}

function encode(value: readonly unknown[]): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function decode<Schema extends z.ZodType>(cursor: string, schema: Schema): z.output<Schema> {
  try {
    return schema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
  } catch (error) {
    throw new FieldError('cursor', OPAQUE_CURSOR_FAULT, { cause: error });
  }
}
