import { useShortcut } from '../../shortcut/use-shortcut.js';
import { Button } from '../../ui/button.js';
import type { SearchStatus } from './log-search.js';
import type { Matches } from './use-matches.js';

/** The number of matches, the current one, and buttons for the next and the previous one. */
export function SearchResult({ status, matches }: { status: SearchStatus; matches: Matches }) {
  useShortcut({ keys: 'n', label: 'Next match', group: 'Log', run: () => matches.go(1) });
  useShortcut({ keys: 'N', label: 'Previous match', group: 'Log', run: () => matches.go(-1) });
  const failed = status.kind === 'invalid' || status.kind === 'too_slow';
  const text = statusText(status, matches);
  return (
    <>
      <span className={failed ? 'search-count problem' : 'search-count'} role="status" title={text}>
        {text}
      </span>
      <Button look="quiet" icon="chevronUp" label="Previous match (Shift+N)" onClick={() => matches.go(-1)} />
      <Button look="quiet" icon="chevronDown" label="Next match (N)" onClick={() => matches.go(1)} />
    </>
  );
}

function statusText(status: SearchStatus, matches: Matches): string {
  switch (status.kind) {
    case 'off':
      return '';
    case 'invalid':
      return status.problem;
    case 'too_slow':
      return 'This expression takes too long';
    case 'running':
    case 'done': {
      const count = matches.count.toLocaleString('en');
      if (matches.count === 0) return status.kind === 'running' ? 'Searching…' : 'No match';
      return matches.position === 0
        ? `${count} found`
        : `${matches.position.toLocaleString('en')} of ${count}`;
    }
  }
}
