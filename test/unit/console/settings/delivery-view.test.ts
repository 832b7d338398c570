import { expect, test } from 'vitest';
import {
  deliveryView,
  isNarrowed,
  latestDeliveries,
} from '@launchlog/console/settings/notification/delivery-view';

const RULE = '550e8400-e29b-41d4-a716-446655440000';

test('deliveries are read in pages, narrowed to what the URL names', async () => {
  const asked: object[] = [];
  const pages = [
    { deliveries: Array.from({ length: 500 }, (_, id) => ({ id })), nextCursor: 'next' },
    { deliveries: [{ id: 500 }], nextCursor: undefined },
  ];
  const client = {
    notifications: {
      deliveries: (query: object) => {
        asked.push(query);
        return Promise.resolve(pages[asked.length - 1]);
      },
    },
  } as unknown as Parameters<typeof latestDeliveries>[0];
  const view = deliveryView(new URLSearchParams(`rule=${RULE}&status=dead&node=%20n1`));
  const found = await latestDeliveries(client, { ...view, count: 600 }, new AbortController().signal);
  expect(found.deliveries).toHaveLength(501);
  const filter = { ruleId: RULE, status: ['dead'], nodeId: 'n1' };
  expect(asked).toEqual([
    { ...filter, limit: 500 },
    { ...filter, limit: 100, cursor: 'next' },
  ]);
});

test.each([
  ['', false],
  ['status=nonsense&rule=&node=%20', false],
  ['status=failed', true],
  ['node=n1', true],
  [`rule=${RULE}`, true],
])('the deliveries of %j are narrowed: %j', (search, expected) => {
  expect(isNarrowed(deliveryView(new URLSearchParams(search)))).toBe(expected);
});
