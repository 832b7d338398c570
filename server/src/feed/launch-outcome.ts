import type { Done } from '@launchlog/shared/event';
import type { LogEntry } from '@launchlog/shared/log-entry';
import { failureReasonSchema } from '@launchlog/shared/node';

/** Whether the launch has ended, as far as the registry knows. */
export function hasEnded(done: Done): boolean {
  return done.status === 'active' || done.status === 'failed' || done.status === 'terminated';
}

/** The outcome by the terminal entry: the registry may be a moment behind it, or a step ahead. */
export function doneOf(entry: LogEntry, registry: Done | undefined): Done {
  const status = entry.phase === 'active' ? 'active' : 'failed';
  const endpoint = entry.details?.['endpoint'] ?? registry?.endpoint;
  const reason = failureReasonSchema.safeParse(entry.details?.['reason'] ?? registry?.reason).data;
  const hint = entry.details?.['hint'] ?? registry?.hint;
  return {
    status,
    ...(status === 'active' && typeof endpoint === 'string' ? { endpoint } : {}),
    ...(status === 'failed' && reason !== undefined ? { reason } : {}),
    message: entry.message,
    ...(status === 'failed' && typeof hint === 'string' ? { hint } : {}),
  };
}
