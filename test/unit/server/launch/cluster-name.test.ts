import { describe, expect, it } from 'vitest';
import { clusterName } from '@launchlog/server/launch/cluster-name';
import { launchRequest } from '../../../support/sample/new-node.js';

describe('clusterName', () => {
  it('is made of provider, region without dashes, GPU, price and the first six characters of the id', () => {
    const id = '550e8400-e29b-41d4-a716-446655440000';
    expect(clusterName(launchRequest(), id)).toBe('cic-aws-uswest2-a100-spot-550e84');
    const other = launchRequest({
      provider: 'gcp',
      region: 'us-central1-a',
      gpu: 'A100-80GB',
      useSpot: false,
    });
    expect(clusterName(other, id)).toBe('cic-gcp-uscentral1a-a100-80gb-od-550e84');
  });

  it('reads any for what the request leaves open', () => {
    const id = '550e8400-e29b-41d4-a716-446655440000';
    const name = (changes: Parameters<typeof launchRequest>[0]) => clusterName(launchRequest(changes), id);
    expect(name({ region: undefined })).toBe('cic-aws-any-a100-spot-550e84');
    expect(name({ gpu: undefined, anyOf: [{ gpu: 'A100' }, { gpu: 'H100', spot: false }] })).toBe(
      'cic-aws-uswest2-any-any-550e84',
    );
    expect(
      name({ provider: undefined, region: undefined, anyOf: [{ provider: 'aws' }, { provider: 'gcp' }] }),
    ).toBe('cic-any-any-a100-spot-550e84');
  });

  it('names a Kubernetes context by its last part', () => {
    const region = 'arn:aws:eks:us-east-1:1:cluster/team-a';
    const name = clusterName(launchRequest({ provider: 'kubernetes', region }), '550e8400');
    expect(name).toBe('cic-kubernetes-teama-a100-od-550e84');
  });
});
