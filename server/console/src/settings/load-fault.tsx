import { LateAnswer } from '../time/loading.js';
import { Button } from '../ui/button.js';
import type { Loaded } from './use-loaded.js';

interface LoadFaultProps {
  /** In the plural: `tokens`. */
  readonly what: string;
  readonly loaded: Loaded<unknown>;
}

/**
 * Why a list could not be read, and a way to try again, or that its answer is late. What stands on the page stays there, with
 * what is typed into it.
 */
export function LoadFault({ what, loaded }: LoadFaultProps) {
  const { value, problem, askedMs, reload } = loaded;
  const isStale = value !== undefined;
  // Where nothing has arrived and nothing has failed, the list itself shows that it is loading.
  const late = askedMs !== undefined && (isStale || problem !== undefined) && <LateAnswer since={askedMs} />;
  if (problem === undefined) return late;
  const text = isStale
    ? `These are the ${what} of before: ${problem}`
    : `The ${what} cannot be shown: ${problem}`;
  return (
    <div className={isStale ? 'load-fault' : 'load-fault empty'} role="alert">
      <p className={isStale ? undefined : 'muted'}>{text}</p>
      {late}
      <Button icon="retry" onClick={reload}>
        Try again
      </Button>
    </div>
  );
}
