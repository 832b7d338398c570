import { describe, expect, it } from 'vitest';
import { clusterName } from '@launchlog/server/launch/cluster-name';
import { launchRequest } from '../../../support/new-node.js';

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
});
