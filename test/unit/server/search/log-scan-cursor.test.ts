import { expect, test } from 'vitest';
import { formatScanPosition, parseScanPosition } from '@launchlog/server/search/log-scan-cursor';

const AT = '2026-03-01T12:00:00.000Z';
const NODE = '550e8400-e29b-41d4-a716-446655440000';
const CURSOR = '0123456789abcdef:3';
const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

test('the cursor of a search is read as it was written', () => {
  const position = { createdAt: AT, nodeId: NODE, cursor: CURSOR };
  expect(parseScanPosition(formatScanPosition(position))).toEqual(position);
});

test('the cursor of a search names any node, also one whose id is no UUID of RFC 4122', () => {
  const position = { createdAt: AT, nodeId: '04f805a0-1bd4-7f40-4deb-c586b5565932', cursor: CURSOR };
  expect(parseScanPosition(formatScanPosition(position))).toEqual(position);
});

test.each([
  '',
  'x',
  encoded({}),
  encoded([AT, NODE]),
  encoded([AT, NODE, CURSOR, 1]),
  encoded(['yesterday', NODE, CURSOR]),
  encoded([AT, 'a node', CURSOR]),
  encoded([AT, NODE, 'x:1']),
  encoded([AT, NODE, `${CURSOR}${'0'.repeat(40)}`]),
])('%j is no cursor of a search', (text) => {
  expect(() => parseScanPosition(text)).toThrow("'cursor' must be a cursor from an earlier answer");
});
