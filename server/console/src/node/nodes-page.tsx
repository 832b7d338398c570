import { useMemo, useRef } from 'react';
import { usePageTitle } from '../notify/launch-notifier.js';
import { useOpenDialog } from '../router/open-dialog.js';
import { useUrl } from '../router/url-store.js';
import { useRights } from '../session/session-store.js';
import { useShortcut } from '../shortcut/use-shortcut.js';
import { useNow } from '../time/ticker.js';
import { Button } from '../ui/button.js';
import { useStore } from '../state/store.js';
import { NodeFilters } from './node-filters.js';
import type { NodeQuery } from './node-query.js';
import { readNodeQuery, selectNodes, writeNodeQuery } from './node-query.js';
import { NodeTable } from './node-table.js';
import { useNodes } from './nodes-store.js';
import { StaleBanner } from './stale-banner.js';

export function NodesPage() {
  const nodes = useNodes();
  const url = useUrl();
  const dialog = useOpenDialog();
  const { nodes: all, loading, more } = useStore(nodes.store);
  const { search } = useStore(url.store);
  const nowMs = useNow();
  const query = useMemo(() => readNodeQuery(search), [search]);
  const shown = selectNodes(all, query, nowMs);
  const { mayLaunch } = useRights();
  const searchBox = useRef<HTMLInputElement>(null);
  usePageTitle(undefined);
  useShortcut({ keys: '/', label: 'Search nodes', group: 'Nodes', run: () => searchBox.current?.focus() });
  const change = (next: NodeQuery) => url.patchSearch(writeNodeQuery(next));
  return (
    <div className="page">
      <header className="page-head">
        <h1>Nodes</h1>
        <span className="muted tabular">{loading ? '' : shownText(shown.length, all.length)}</span>
        <span className="spacer" />
        {mayLaunch && (
          <Button look="primary" icon="plus" onClick={() => dialog.set('launch')}>
            Launch node
          </Button>
        )}
      </header>
      <NodeFilters nodes={all} query={query} onChange={change} searchBox={searchBox} />
      <StaleBanner subject="The list" />
      <NodeTable nodes={shown} query={query} onChange={change} loading={loading} anyNodes={all.length > 0} />
      {more && <p className="muted page-note">Older nodes are not listed. Open one by its URL.</p>}
    </div>
  );
}

function shownText(shown: number, all: number): string {
  return shown === all ? String(all) : `${shown} of ${all}`;
}
