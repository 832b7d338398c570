import { expect, test } from 'vitest';
import { OriginPolicy } from '@launchlog/server/auth/origin-policy';

const policy = new OriginPolicy({ named: ['https://console.example.org', 'null', 'file:///console'] });

test.each([
  ['https://console.example.org:443', true],
  ['https://console.example.org', true],
  ['null', true],
  ['file:///console', true],
  ['file:///else', false],
  ['https://launch.example.org', false],
  ['', false],
])('the operator named the origin %j: %s', (origin, isNamed) => {
  expect(policy.isNamed(origin)).toBe(isNamed);
  expect(policy.allows(origin, {})).toBe(isNamed);
});

test.each(['', 'a b:99999', 'launch.example.org:99999', '[', '/launch.example.org'])(
  'the host %j, which is not a host, makes no page welcome',
  (host) => {
    for (const headers of [{ host }, { 'x-forwarded-host': host }]) {
      expect(policy.allows('https://launch.example.org', headers)).toBe(false);
    }
  },
);
