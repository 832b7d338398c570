import { expect, test } from 'vitest';
import {
  formatNodeListCursor,
  formatNodePageCursor,
  parseNodeListCursor,
  parseNodePageCursor,
} from '@launchlog/server/node/node-list-cursor';

const AT = '2026-03-01T12:00:00.000Z';
const NODE = '550e8400-e29b-41d4-a716-446655440000';
const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const FAULT = "'cursor' must be a cursor from an earlier answer";

test('the cursor of the newest nodes is read as it was written, by 0.1.0 too', () => {
  const cursor = formatNodeListCursor(new Date(AT), NODE);
  expect(parseNodeListCursor(cursor)).toEqual({ createdAt: AT, id: NODE });
  const place = { sort: 'created', descending: true, asOf: AT, values: [AT, NODE] };
  expect(parseNodePageCursor(cursor)).toEqual(place);
});

test('the cursor of a list in another order is read as it was written', () => {
  const place = { sort: 'name', descending: false, asOf: AT, values: ['a', 1, true] } as const;
  expect(parseNodePageCursor(formatNodePageCursor(place))).toEqual(place);
  expect(() => parseNodeListCursor(formatNodePageCursor(place))).toThrow(FAULT);
});

test.each([
  '',
  'x',
  encoded({}),
  encoded([AT]),
  encoded(['yesterday', NODE]),
  encoded([AT, 'a node']),
  encoded(['colour', true, AT, []]),
  encoded(['name', 'yes', AT, []]),
  encoded(['name', true, 'yesterday', []]),
  encoded(['name', true, AT, [{}]]),
  encoded(['name', true, AT, [1, 2, 3, 4, 5, 6, 7, 8, 9]]),
])('%j is no cursor of a list', (text) => {
  expect(() => parseNodePageCursor(text)).toThrow(FAULT);
  expect(() => parseNodeListCursor(text)).toThrow(FAULT);
});
