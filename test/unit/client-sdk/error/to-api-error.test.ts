import { TRPCClientError } from '@trpc/client';
import { describe, expect, test } from 'vitest';
import { errorOfBody, errorOfShape, toApiError } from '@launchlog/sdk/error/to-api-error';
import {
  isLaunchlogError,
  LaunchlogApiError,
  LaunchlogConnectionError,
  LaunchlogNotFoundError,
  LaunchlogRateLimitError,
} from '@launchlog/sdk/error/launchlog-api-error';

const shape = (data: unknown) => ({ code: -32004, message: 'node not found', data });
const trpcError = (data: unknown) => TRPCClientError.from({ error: shape(data) } as never);

describe('the error of the SDK', () => {
  test("the router's error keeps its code, status and retryability, over HTTP and over a WebSocket", () => {
    const data = { code: 'rate_limited', httpStatus: 429, retryable: true, retryAfter: 7 };
    for (const error of [toApiError(trpcError(data)), errorOfShape(shape(data), { status: 429 })]) {
      expect(error).toBeInstanceOf(LaunchlogRateLimitError);
      expect(error).toMatchObject({
        name: 'LaunchlogApiError',
        code: 'rate_limited',
        status: 429,
        retryable: true,
        retryAfterSeconds: 7,
        unreachable: false,
        issues: [],
      });
    }
  });

  test('the names of missing secrets are passed on, and nothing but names', () => {
    const refused = { code: 'conflict', httpStatus: 409, missingSecrets: ['HF_TOKEN', 7, 'WANDB_KEY'] };
    expect(toApiError(trpcError(refused)).missingSecrets).toEqual(['HF_TOKEN', 'WANDB_KEY']);
    expect(toApiError(trpcError({ code: 'conflict', httpStatus: 409 })).missingSecrets).toBeUndefined();
  });

  test('the fields that cannot be used are passed on with their paths', () => {
    const issues = [{ path: ['secrets', 'x'], message: 'must not be empty' }];
    const refused = { code: 'invalid_request', httpStatus: 400, issues: [...issues, 'nonsense'] };
    expect(toApiError(trpcError(refused)).issues).toEqual(issues);
  });

  test('an error code that this version does not know keeps its message and status', () => {
    const error = toApiError(trpcError({ code: 'teapot', httpStatus: 418 }));
    expect(error).toMatchObject({ code: 'teapot', message: 'node not found', status: 418, retryable: false });
    expect(toApiError(trpcError({ code: 'asleep', httpStatus: 503 })).retryable).toBe(true);
  });

  test('a REST error keeps its code, and the number of its request', () => {
    const body = { error: { message: 'invalid admin token', type: 'x', code: 'invalid_admin_token' } };
    expect(errorOfBody(body, { status: 401, requestId: 'r1' })).toMatchObject({
      code: 'invalid_admin_token',
      message: 'invalid admin token',
      kind: 'authentication',
      requestId: 'r1',
    });
    expect(errorOfBody('<html>', { status: 502 })).toBeUndefined();
  });

  test.each([
    [502, 'unavailable', true, 'server'],
    [503, 'unavailable', true, 'server'],
    [404, 'not_found', false, 'not_found'],
    [302, 'invalid_request', false, 'invalid_request'],
  ])('a bare HTTP %i of a proxy becomes %s', (status, code, retryable, kind) => {
    expect(LaunchlogApiError.ofStranger(status)).toMatchObject({ code, status, retryable, kind });
  });

  test('an unreachable server is reported with the innermost cause, and is no answer of status 503', () => {
    const cause = new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED 127.0.0.1:9') });
    const error = toApiError(TRPCClientError.from(cause));
    expect(error).toBeInstanceOf(LaunchlogConnectionError);
    expect(error).toMatchObject({ code: 'unavailable', status: 0, unreachable: true, retryable: true });
    expect(error.message).toBe('connect ECONNREFUSED 127.0.0.1:9');
  });

  test('is recognised across two copies of the package, and nothing else is', () => {
    const error = toApiError(trpcError({ code: 'node_not_found', httpStatus: 404 }));
    expect(error).toBeInstanceOf(LaunchlogNotFoundError);
    expect(isLaunchlogError(error)).toBe(true);
    const copy = Object.assign(new Error('no'), { [Symbol.for('@launchlog/sdk/error')]: true });
    expect(isLaunchlogError(copy)).toBe(true);
    for (const other of [new Error('no'), undefined, null, 'no', {}])
      expect(isLaunchlogError(other)).toBe(false);
  });
});
