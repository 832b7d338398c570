import { describe, expect, test } from 'vitest';
import { systemClock } from '@launchlog/server/clock';
import { launchPayload, messageOf } from '@launchlog/server/notification/notification-message';
import type { Notifier, SendOutcome } from '@launchlog/server/notification/notifier';
import { TargetSender } from '@launchlog/server/notification/target-sender';
import { sampleNode } from '../../../support/sample/sample-node.js';

const timestamp = '2026-05-01T12:00:00.000Z';
const message = messageOf('m-1', launchPayload('launch.test', sampleNode(), { timestamp }));
const slack = { kind: 'slack' as const, url: 'https://hooks.slack.com/x' };
const never = new AbortController().signal;

function senderOf(send: Notifier['send'], timeoutMs = 50) {
  const notifier = { send };
  const notifiers = { webhook: notifier, slack: notifier, discord: notifier, email: undefined };
  return new TargetSender({ notifiers, clock: systemClock, timeoutMs });
}

describe('the sending of a message', () => {
  test('ends in time even if the notifier ignores its signal', async () => {
    const sender = senderOf(() => new Promise<SendOutcome>(() => undefined));
    expect(await sender.send(message, slack, never)).toEqual({
      kind: 'failed',
      retryable: true,
      detail: 'no answer within 0.05 s',
    });
  });

  test('returns what a notifier reports when the time is up', async () => {
    const sender = senderOf(
      (_message, _target, signal) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () =>
            resolve({ kind: 'delivered', responseStatus: 200, detail: 'late' }),
          );
        }),
    );
    expect(await sender.send(message, slack, never)).toMatchObject({ kind: 'delivered' });
  });

  test('turns an error that a notifier throws into a failure', async () => {
    const sender = senderOf(() => Promise.reject(new Error('broken')));
    expect(await sender.send(message, slack, never)).toEqual({
      kind: 'failed',
      retryable: true,
      detail: 'broken',
    });
  });

  test('is interrupted by the caller, also before it begins', async () => {
    const seen: boolean[] = [];
    const sender = senderOf((_message, _target, signal) => {
      seen.push(signal.aborted);
      return Promise.resolve({ kind: 'failed', retryable: true, detail: String(signal.reason) });
    });
    await sender.send(message, slack, AbortSignal.abort(new Error('stopping')));
    expect(seen).toEqual([true]);
  });

  test('to an e-mail address fails as retryable where no mail server is configured', async () => {
    const sender = senderOf(() => Promise.reject(new Error('unused')));
    expect(sender.sendsEmail).toBe(false);
    expect(await sender.send(message, { kind: 'email', to: ['a@example.com'] }, never)).toMatchObject({
      kind: 'failed',
      retryable: true,
    });
  });
});
