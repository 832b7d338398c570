import { describe, expect, test } from 'vitest';
import { GREETING_MAX_BYTES, readGreeting } from '@launchlog/server/trpc/connection-greeting';
import { LogPageQueue } from '@launchlog/server/trpc/log-page-queue';

const greeting = (token: unknown) =>
  Buffer.from(JSON.stringify({ method: 'connectionParams', data: { token } }));

describe('the first message of a socket', () => {
  test('has the token', () => {
    expect(readGreeting(greeting('secret'))).toBe('secret');
  });

  test.each([
    ['without a token', greeting(''), 'missing_admin_token'],
    ['with a number', greeting(7), 'missing_admin_token'],
    ['that is no JSON', Buffer.from('{'), 'missing_admin_token'],
    ['of another method', Buffer.from('{"method":"query","data":{"token":"secret"}}'), 'missing_admin_token'],
    ['that is too long', greeting('x'.repeat(GREETING_MAX_BYTES)), 'payload_too_large'],
  ])('%s is refused', (_, message, code) => {
    expect(() => readGreeting(message)).toThrow(expect.objectContaining({ code }) as Error);
  });
});

describe('log pages of one request', () => {
  const page = (json: string) => () => Promise.resolve({ records: [{ json }] } as never);
  const asRead = () => 'rendered';

  test('are read until they are too large together', async () => {
    const queue = new LogPageQueue({ maxCharacters: 300 });
    await queue.read(page('x'.repeat(299)), asRead);
    await queue.read(page('x'), asRead);
    await expect(queue.read(page('x'), asRead)).rejects.toMatchObject({ code: 'invalid_request' });
  });

  test('are not read once the client is gone', async () => {
    const queue = new LogPageQueue({});
    queue.close();
    await expect(queue.read(page('x'), asRead)).rejects.toMatchObject({ code: 'unavailable' });
  });

  test('are not read before the one before has been rendered', async () => {
    const queue = new LogPageQueue({});
    const done: string[] = [];
    const read = (name: string) => () => {
      done.push(`read ${name}`);
      return Promise.resolve({ records: [] } as never);
    };
    const render = (name: string) => async () => {
      await new Promise((resolve) => setImmediate(resolve));
      done.push(`rendered ${name}`);
      return name;
    };
    const answers = ['a', 'b'].map((name) => queue.read(read(name), render(name)));
    expect(await Promise.all(answers)).toEqual(['a', 'b']);
    expect(done).toEqual(['read a', 'rendered a', 'read b', 'rendered b']);
  });
});
