import { createHmac, randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { webhookSecretSchema } from '@launchlog/shared/notification';
import { makeWebhookSecret, signWebhook } from '@launchlog/server/notification/webhook-signature';

const body = '{"type":"launch.active","data":{"model_name":"héllo ✓"}}';

function headersOf(secrets: readonly string[], timestampSeconds = Math.floor(Date.now() / 1_000)) {
  return {
    'webhook-id': 'msg-1',
    'webhook-timestamp': String(timestampSeconds),
    'webhook-signature': signWebhook({ id: 'msg-1', timestampSeconds, body }, secrets),
  };
}

describe('the signature of a webhook', () => {
  const secret = makeWebhookSecret(randomBytes);
  const other = makeWebhookSecret(randomBytes);

  test('is the HMAC-SHA-256 of id, time and body under the bytes behind whsec_', () => {
    const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
    const hmac = createHmac('sha256', key).update(`msg-1.1700000000.${body}`).digest('base64');
    const content = { id: 'msg-1', timestampSeconds: 1_700_000_000, body };
    expect(signWebhook(content, [secret])).toBe(`v1,${hmac}`);
  });

  test('is accepted by the official library', () => {
    expect(new Webhook(secret).verify(body, headersOf([secret]))).toEqual(JSON.parse(body));
  });

  test('is refused by that library when the body, the id, the time or the key is another', () => {
    const headers = headersOf([secret]);
    const verify = (changed: string, changes: object) =>
      new Webhook(secret).verify(changed, { ...headers, ...changes });
    expect(() => verify(`${body} `, {})).toThrow('No matching signature');
    expect(() => verify(body, { 'webhook-id': 'msg-2' })).toThrow('No matching signature');
    const later = String(Number(headers['webhook-timestamp']) + 1);
    expect(() => verify(body, { 'webhook-timestamp': later })).toThrow('No matching signature');
    expect(() => new Webhook(other).verify(body, headers)).toThrow('No matching signature');
  });

  test('is refused as a replay after five minutes', () => {
    const old = headersOf([secret], Math.floor(Date.now() / 1_000) - 301);
    expect(() => new Webhook(secret).verify(body, old)).toThrow('too old');
  });

  test('is accepted with either key while one replaces the other', () => {
    const headers = headersOf([secret, other]);
    expect(headers['webhook-signature'].split(' ')).toHaveLength(2);
    expect(new Webhook(secret).verify(body, headers)).toBeDefined();
    expect(new Webhook(other).verify(body, headers)).toBeDefined();
  });

  test('a new key has the form that the schema asks for and differs each time', () => {
    expect(webhookSecretSchema.parse(secret)).toBe(secret);
    expect(secret).not.toBe(other);
  });
});
