import { expect, test } from 'vitest';
import { NodeMembers } from '@launchlog/server/node/node-members';
import type { NodeListener } from '@launchlog/server/node/node-listener';
import { sampleNode } from '../../../support/sample/sample-node.js';

test.each([
  [{}, ['own', 'of another tenant', 'of another deployment']],
  [{ tenantId: 'acme' }, ['own', 'of another deployment']],
  [{ tenantId: 'acme', deploymentId: 'chat' }, ['own']],
  [{ deploymentId: 'chat' }, ['own', 'of another tenant']],
])('a stream of many logs with the scope %j is joined by %j alone', (scope, expected) => {
  let listener: NodeListener | undefined;
  const watch = {
    listen: (given: NodeListener) => {
      listener = given;
      return () => undefined;
    },
  };
  const joined: string[] = [];
  new NodeMembers({ changes: {} as never, watch }).listen(scope, ({ nodeId }) => joined.push(nodeId));
  const owner = { tenantId: 'acme', deploymentId: 'chat' };
  listener?.changed([
    sampleNode({ ...owner, id: 'own' }),
    sampleNode({ ...owner, id: 'of another tenant', tenantId: 'rival' }),
    sampleNode({ ...owner, id: 'of another deployment', deploymentId: 'mail' }),
  ]);
  expect(joined).toEqual(expected);
});
