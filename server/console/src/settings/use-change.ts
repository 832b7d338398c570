import { useState } from 'react';
import { useToasts } from '../toast/toast-store.js';
import { problemText } from '../ui/problem-text.js';

/** Runs one change at a time, and shows why it failed. */
export function useChange() {
  const toasts = useToasts();
  const [busy, setBusy] = useState(false);
  const change = (run: () => PromiseLike<void>) => {
    setBusy(true);
    Promise.resolve(run())
      .catch((error: unknown) =>
        toasts.show({ tone: 'error', text: `That did not work: ${problemText(error)}` }),
      )
      .finally(() => setBusy(false));
  };
  return { busy, change };
}
