import { useEffect, useRef, useState } from 'react';
import { useUrl } from '../../router/url-store.js';
import { useShortcut } from '../../shortcut/use-shortcut.js';
import { Button } from '../../ui/button.js';
import { SearchInput } from '../../ui/search-input.js';
import type { SearchStatus } from './log-search.js';
import type { SearchQuery } from './search-query.js';
import { writeSearchQuery } from './search-query.js';
import { SearchResult } from './search-result.js';
import type { Matches } from './use-matches.js';

/** The search starts after a pause of this length in the typing. */
const PAUSE_MS = 150;

interface LogSearchBoxProps {
  readonly query: SearchQuery;
  readonly status: SearchStatus;
  readonly matches: Matches;
}

export function LogSearchBox({ query, status, matches }: LogSearchBoxProps) {
  const url = useUrl();
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useTyped(query);
  const change = (patch: Partial<SearchQuery>) =>
    url.patchSearch(writeSearchQuery({ ...query, text, ...patch }));
  useShortcut({ keys: '/', label: 'Search the log', group: 'Log', run: () => input.current?.select() });
  return (
    <div className="log-search" role="search" aria-label="Search the log">
      <SearchInput
        ref={input}
        label={query.isRegex ? 'Search by expression' : 'Search'}
        value={text}
        invalid={status.kind === 'invalid' || status.kind === 'too_slow'}
        onChange={setText}
        onKeyDown={(event) => {
          if (event.key === 'Enter') matches.go(event.shiftKey ? -1 : 1);
        }}
      />
      <Button
        look="quiet"
        label="Match case"
        aria-pressed={query.matchCase}
        onClick={() => change({ matchCase: !query.matchCase })}
      >
        Aa
      </Button>
      <Button
        look="quiet"
        label="Regular expression"
        aria-pressed={query.isRegex}
        onClick={() => change({ isRegex: !query.isRegex })}
      >
        .*
      </Button>
      {query.text !== '' && <SearchResult status={status} matches={matches} />}
    </div>
  );
}

/** The text being typed. It goes to the URL after a pause; a change of the URL replaces it. */
function useTyped(query: SearchQuery): [string, (text: string) => void] {
  const url = useUrl();
  const [typed, setTyped] = useState({ text: query.text, of: query.text });
  const text = typed.of === query.text ? typed.text : query.text;
  useEffect(() => {
    if (text === query.text) return;
    const timer = setTimeout(() => url.patchSearch({ q: text }), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text, query.text, url]);
  return [text, (next) => setTyped({ text: next, of: query.text })];
}
