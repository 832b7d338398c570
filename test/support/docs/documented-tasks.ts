import type { LaunchRequestInput } from '@launchlog/shared/launch-request';
import { MarkdownPage } from './markdown-page.js';

/** What each example of the documentation sends beside its task. */
const BESIDE: Readonly<Record<string, Partial<LaunchRequestInput>>> = {
  'task-multi-node': { secrets: { HF_TOKEN: 'hf_example' } },
  'task-model-cache': {},
  'task-sglang': { ready: { path: '/health_generate', port: 30_000 } },
  'task-kubernetes': { labels: { team: 'search' } },
};

/** The requests that the documentation shows, by the names of their tasks. */
export function documentedTasks(): readonly (readonly [
  name: string,
  request: Partial<LaunchRequestInput>,
])[] {
  const page = MarkdownPage.read('docs/skypilot.md');
  return Object.entries(BESIDE).map(([name, beside]) => [
    name,
    { taskYaml: page.code(name).text, ...beside },
  ]);
}
