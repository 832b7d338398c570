import type { FormEvent } from 'react';
import { useMemo, useRef } from 'react';
import { PHASE_LABELS } from '@launchlog/sdk';
import { LOG_LEVELS, LOG_SOURCES } from '@launchlog/shared/log-entry';
import { PHASES } from '@launchlog/shared/phase';
import { usePageTitle } from '../notify/launch-notifier.js';
import { useUrl } from '../router/url-store.js';
import { SavedMenu } from '../saved/saved-menu.js';
import { useShortcut } from '../shortcut/use-shortcut.js';
import { useStore } from '../state/store.js';
import { Button } from '../ui/button.js';
import { FoundLines } from './found-lines.js';
import type { LogsQuery } from './logs-query.js';
import { isAsked, readLogsQuery, SINCE_LABELS } from './logs-query.js';
import { useLogSearch } from './use-log-search.js';

/** Search in the logs of all nodes, newest nodes first. */
export function SearchPage() {
  const url = useUrl();
  const { search } = useStore(url.store);
  const query = useMemo(() => readLogsQuery(search), [search]);
  const found = useLogSearch(query);
  usePageTitle('Search logs');
  return (
    <div className="page">
      <header className="page-head">
        <h1>Search logs</h1>
        <span className="muted page-about">in all lines that are kept, of all nodes</span>
        <span className="spacer" />
        <SavedMenu path="/search" />
      </header>
      <SearchForm key={search.toString()} query={query} />
      {found.problem !== undefined && (
        <div className="banner banner-error" role="alert">
          <span>The search failed: {found.problem}</span>
          <Button icon="retry" onClick={found.retry}>
            Try again
          </Button>
        </div>
      )}
      <FoundLines {...found} isAsked={isAsked(query)} />
    </div>
  );
}

function SearchForm({ query }: { query: LogsQuery }) {
  const url = useUrl();
  const box = useRef<HTMLInputElement>(null);
  useShortcut({ keys: '/', label: 'Search', group: 'Search', run: () => box.current?.focus() });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const textOf = (name: string) => {
      const value = data.get(name);
      return typeof value === 'string' ? value : '';
    };
    url.patchSearch({
      q: textOf('q'),
      regex: textOf('regex') === '' ? '' : '1',
      level: textOf('level'),
      phase: textOf('phase'),
      source: textOf('source'),
      deployment: textOf('deployment').trim(),
      since: textOf('since'),
    });
  };
  return (
    <form className="filters search-form" role="search" aria-label="Search logs" onSubmit={submit}>
      <input
        ref={box}
        name="q"
        type="search"
        aria-label="Text to search for"
        placeholder="Text, such as CUDA out of memory"
        defaultValue={query.text}
        spellCheck={false}
        autoComplete="off"
      />
      <SearchBounds query={query} />
      <Button type="submit" look="primary" icon="search">
        Search
      </Button>
    </form>
  );
}

/** Where and how the text is looked for. */
function SearchBounds({ query }: { query: LogsQuery }) {
  return (
    <>
      <label className="check">
        <input type="checkbox" name="regex" defaultChecked={query.isRegex} />
        Expression
      </label>
      <select className="select" name="level" aria-label="Level" defaultValue={query.level ?? ''}>
        <option value="">All levels</option>
        {LOG_LEVELS.map((level) => (
          <option key={level}>{level}</option>
        ))}
      </select>
      <select className="select" name="phase" aria-label="Phase" defaultValue={query.phase ?? ''}>
        <option value="">All phases</option>
        {PHASES.map((phase) => (
          <option key={phase} value={phase}>
            {PHASE_LABELS[phase]}
          </option>
        ))}
      </select>
      <select className="select" name="source" aria-label="Source" defaultValue={query.source ?? ''}>
        <option value="">All sources</option>
        {LOG_SOURCES.map((source) => (
          <option key={source}>{source}</option>
        ))}
      </select>
      <select className="select" name="since" aria-label="Time" defaultValue={query.since}>
        {Object.entries(SINCE_LABELS).map(([since, label]) => (
          <option key={since} value={since}>
            {label}
          </option>
        ))}
      </select>
      <input
        name="deployment"
        className="search-deployment"
        aria-label="Deployment"
        placeholder="Any deployment"
        defaultValue={query.deploymentId}
        spellCheck={false}
      />
    </>
  );
}
