import { launchRequestSchema } from '@launchlog/shared/launch-request';
import type { LaunchedRequest } from '@launchlog/shared/launch-changes';

/** A launch as somebody would write it down: without what the server fills in by itself. */
type LaunchBody = Readonly<Record<string, unknown>>;

/** The request without the fields that have their default. */
export function launchBody(request: LaunchedRequest['request']): LaunchBody {
  const { provider, gpu, model } = request;
  const { data: defaults = {} } = launchRequestSchema.safeParse({ provider, gpu, model });
  const named = new Set(['provider', 'gpu', 'model']);
  const fields = Object.entries(request).filter(
    ([name, value]) =>
      named.has(name) ||
      JSON.stringify(value) !== JSON.stringify((defaults as Record<string, unknown>)[name]),
  );
  return Object.fromEntries(fields);
}
