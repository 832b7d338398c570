import { expect, test } from 'vitest';
import { draftOf, readDraft, readPatch } from '@launchlog/console/settings/notification/rule-draft';
import type { NotificationRule } from '@launchlog/sdk';

const at = '2026-03-01T12:00:00.000Z';
const slack: NotificationRule = {
  id: '3f2b8c1e-5d1c-4d6c-9a0e-2f6b1c9e7a55',
  name: 'ops',
  target: { kind: 'slack', url: 'https://hooks.slack.com/…' },
  events: ['launch.failed'],
  provider: 'aws',
  deploymentId: 'chat',
  enabled: false,
  createdAt: at,
  updatedAt: at,
};

test('a rule that is saved unchanged keeps its address, which the page never had', () => {
  const { data } = readPatch(draftOf(slack), slack);
  expect(data).toEqual({ name: 'ops', events: ['launch.failed'], provider: 'aws', deploymentId: 'chat' });
});

test('another address, emptied filters and other events are the change', () => {
  const draft = draftOf(slack);
  const typed = {
    ...draft,
    to: ' https://x.example/y ',
    provider: '',
    deploymentId: ' ',
    events: ['node.lost'],
  };
  expect(readPatch(typed, slack).data).toEqual({
    name: 'ops',
    target: { kind: 'slack', url: 'https://x.example/y' },
    events: ['node.lost'],
    provider: null,
    deploymentId: null,
  });
});

test('another way to send needs an address of its own', () => {
  const { error } = readPatch({ ...draftOf(slack), kind: 'webhook' }, slack);
  expect(error?.issues[0]?.path).toEqual(['target', 'url']);
});

test('addresses of people are shown, and can be changed or not emptied', () => {
  const email: NotificationRule = { ...slack, target: { kind: 'email', to: ['a@x.example', 'b@x.example'] } };
  const draft = draftOf(email);
  expect(draft.to).toBe('a@x.example, b@x.example');
  expect(readPatch({ ...draft, to: 'c@x.example' }, email).data?.target).toEqual({
    kind: 'email',
    to: ['c@x.example'],
  });
  expect(readPatch({ ...draft, to: '' }, email).success).toBe(false);
});

test('a new rule is what was typed', () => {
  expect(readDraft({ ...draftOf(slack), to: 'https://x.example/y' }).data).toMatchObject({
    target: { kind: 'slack', url: 'https://x.example/y' },
    provider: 'aws',
    enabled: true,
  });
});
