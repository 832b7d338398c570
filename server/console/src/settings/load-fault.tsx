import { Button } from '../ui/button.js';

interface LoadFaultProps {
  /** In the plural: `tokens`. */
  readonly what: string;
  readonly problem: string | undefined;
  /** There is an earlier answer, which stays on the page. */
  readonly isStale: boolean;
  readonly onRetry: () => void;
}

/** Why a list could not be read, and a way to try again. What stands on the page stays there, with what is typed into it. */
export function LoadFault({ what, problem, isStale, onRetry }: LoadFaultProps) {
  if (problem === undefined) return undefined;
  const text = isStale
    ? `These are the ${what} of before: ${problem}`
    : `The ${what} cannot be shown: ${problem}`;
  return (
    <div className={isStale ? 'load-fault' : 'load-fault empty'} role="alert">
      <p className={isStale ? undefined : 'muted'}>{text}</p>
      <Button icon="retry" onClick={onRetry}>
        Try again
      </Button>
    </div>
  );
}
