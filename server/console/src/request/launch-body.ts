import { launchRequestSchema } from '@launchlog/shared/launch-request';
import type { LaunchedRequest } from '@launchlog/shared/launch-changes';

/** A launch as somebody would write it down: without what the server fills in by itself. */
type LaunchBody = Readonly<Record<string, unknown>>;

/** The request without the fields that have their default. */
export function launchBody(request: LaunchedRequest['request']): LaunchBody {
  const fields = Object.entries(request).filter(([name, value]) =>
    NAMED.has(name) ? value !== '' : JSON.stringify(value) !== JSON.stringify(DEFAULTS[name]),
  );
  return Object.fromEntries(fields);
}

/** What a launch has to name, so that they have no default. Beside a task they may be empty. */
const NAMED: ReadonlySet<string> = new Set(['provider', 'gpu', 'model']);
const DEFAULTS: Readonly<Record<string, unknown>> = launchRequestSchema.parse({
  provider: 'aws',
  gpu: 'A100',
  model: 'a/b',
});
