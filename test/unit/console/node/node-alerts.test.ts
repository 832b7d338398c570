import { createElement, type FunctionComponent } from 'react';
import { UrlContext } from '@launchlog/console/router/url-store';
import type { UrlStore } from '@launchlog/console/router/url-store';
import { ToastsContext, ToastStore } from '@launchlog/console/toast/toast-store';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';
import type { Node } from '@launchlog/shared/node';
import { sampleNode } from '../../../support/sample/sample-node.js';

/** By its file, because the tests are compiled without JSX. */
const FILE = new URL('../../../../server/console/src/node/node-alerts.tsx', import.meta.url).pathname;

async function shown(node: Node): Promise<string> {
  const { NodeAlerts } = (await import(FILE)) as { NodeAlerts: FunctionComponent<{ node: Node }> };
  const alerts = createElement(NodeAlerts, { node });
  const withToasts = createElement(ToastsContext, { value: new ToastStore() }, alerts);
  return renderToStaticMarkup(createElement(UrlContext, { value: {} as UrlStore }, withToasts));
}

const failed = sampleNode({
  status: 'failed',
  phase: 'failed',
  failureReason: 'model_load_failed',
  failureMessage: 'The GPU ran out of memory.',
});

test('a failed node shows why it failed and what to try, as text', async () => {
  const html = await shown({ ...failed, hint: 'Lower --max-model-len <now>.' });
  expect(html).toContain('The GPU ran out of memory.');
  expect(html).toContain('Lower --max-model-len &lt;now&gt;.');
});

test('a failed node whose log is gone shows the last lines that were kept, and jumps nowhere', async () => {
  const html = await shown({
    ...failed,
    evidence: { seq: 68, lines: ['<first>', 'torch.OutOfMemoryError'] },
  });
  expect(html).toContain('&lt;first&gt;');
  expect(html).toContain('torch.OutOfMemoryError');
  expect(html).not.toContain('Jump');
});

test('a failed node without a hint shows none', async () => {
  expect(await shown(failed)).not.toContain('failure-hint');
});
