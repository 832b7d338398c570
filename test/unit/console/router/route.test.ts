import { describe, expect, test } from 'vitest';
import { deploymentPath, nodePath, parseRoute } from '@launchlog/console/router/route';

describe('routes', () => {
  test.each([
    ['/', { page: 'nodes' }],
    ['/nodes', { page: 'nodes' }],
    ['/nodes/abc', { page: 'node', nodeId: 'abc' }],
    ['/deployments/chat-prod', { page: 'deployment', deploymentId: 'chat-prod' }],
    ['/logs', { page: 'logs' }],
    ['/nodes/a/b', { page: 'unknown' }],
    ['/nodes/%zz', { page: 'unknown' }],
    ['/deployments', { page: 'unknown' }],
  ])('%s shows the right page', (path, route) => {
    expect(parseRoute(path)).toEqual(route);
  });

  test('a path is parsed back to its route', () => {
    expect(parseRoute(nodePath('a b/c'))).toEqual({ page: 'node', nodeId: 'a b/c' });
    expect(parseRoute(deploymentPath('x%'))).toEqual({ page: 'deployment', deploymentId: 'x%' });
  });
});
