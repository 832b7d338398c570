import { describe, expect, it } from 'vitest';
import { requestHash } from '@launchlog/server/launch/request-hash';
import { launchRequest } from '../../../support/sample/new-node.js';

const asked = { request: launchRequest(), secretsFingerprint: undefined, retryOf: undefined };

describe('requestHash', () => {
  it('is the same for the same request, however its fields are ordered', () => {
    const turned = Object.fromEntries(Object.entries(asked.request).toReversed()) as typeof asked.request;
    expect(requestHash({ ...asked, request: turned })).toBe(requestHash(asked));
  });

  it('is the same where a default is written out', () => {
    expect(requestHash({ ...asked, request: launchRequest({ gpuCount: 1 }) })).toBe(requestHash(asked));
  });

  it('differs with any field, with the secrets and with what is retried', () => {
    const hashes = [
      requestHash(asked),
      requestHash({ ...asked, request: launchRequest({ region: 'us-west-1' }) }),
      requestHash({ ...asked, secretsFingerprint: 'f' }),
      requestHash({ ...asked, retryOf: 'r' }),
    ];
    expect(new Set(hashes).size).toBe(4);
  });
});
