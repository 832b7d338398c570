import { TRPCClientError } from '@trpc/client';
import { describe, expect, test } from 'vitest';
import { toApiError } from '@launchlog/sdk/to-api-error';

const trpcError = (data: unknown) =>
  TRPCClientError.from({ error: { code: -32004, message: 'node not found', data } } as never);

describe('the error of the SDK', () => {
  test("the router's error keeps its code, status and retryability", () => {
    const error = toApiError(
      trpcError({ code: 'rate_limited', httpStatus: 429, retryable: true, retryAfter: 7 }),
    );
    expect(error).toMatchObject({
      name: 'LaunchlogApiError',
      code: 'rate_limited',
      status: 429,
      retryable: true,
      retryAfterSeconds: 7,
      unreachable: false,
    });
  });

  test('the names of missing secrets are passed on, and nothing but names', () => {
    const refused = { code: 'conflict', httpStatus: 409, missingSecrets: ['HF_TOKEN', 7, 'WANDB_KEY'] };
    expect(toApiError(trpcError(refused)).missingSecrets).toEqual(['HF_TOKEN', 'WANDB_KEY']);
    expect(toApiError(trpcError({ code: 'conflict', httpStatus: 409 })).missingSecrets).toBeUndefined();
  });

  test('an error code that this version does not know becomes unavailable', () => {
    expect(toApiError(trpcError({ code: 'teapot', httpStatus: 418 })).code).toBe('unavailable');
  });

  test('a REST error from in front of the router keeps its code', () => {
    const error = TRPCClientError.from(new Error('Unable to transform response from server'), {
      meta: {
        response: { status: 401 },
        responseJSON: { error: { message: 'invalid admin token', type: 'x', code: 'invalid_admin_token' } },
      },
    });
    expect(toApiError(error)).toMatchObject({ code: 'invalid_admin_token', message: 'invalid admin token' });
  });

  test.each([
    [502, 'unavailable', true],
    [503, 'unavailable', true],
    [404, 'not_found', false],
    [302, 'invalid_request', false],
  ])('a bare HTTP %i of a proxy becomes %s', (status, code, retryable) => {
    const error = toApiError(TRPCClientError.from(new Error('no JSON'), { meta: { response: { status } } }));
    expect(error).toMatchObject({ code, status, retryable });
  });

  test('an unreachable server is reported with the innermost cause', () => {
    const cause = new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED 127.0.0.1:9') });
    const error = toApiError(TRPCClientError.from(cause));
    expect(error).toMatchObject({ code: 'unavailable', status: 0, unreachable: true, retryable: true });
    expect(error.message).toBe('connect ECONNREFUSED 127.0.0.1:9');
  });
});
