import type { NodeCounts } from '@launchlog/sdk';
import { useMemo, useRef } from 'react';
import { usePageTitle } from '../notify/launch-notifier.js';
import { useOpenDialog } from '../router/open-dialog.js';
import { useUrl } from '../router/url-store.js';
import { SavedMenu } from '../saved/saved-menu.js';
import { useRights } from '../session/session-store.js';
import { useShortcut } from '../shortcut/use-shortcut.js';
import { Button } from '../ui/button.js';
import { useStore } from '../state/store.js';
import { DensityButton } from './density-button.js';
import { NarrowingChips } from './narrowing/narrowing-chips.js';
import { isNarrowed, narrowedQuery, readNarrowing } from './narrowing/narrowing.js';
import { NodeFilters } from './node-filters.js';
import type { NodeQuery } from './node-query.js';
import { listQueryOf, readNodeQuery, writeNodeQuery } from './node-query.js';
import { NodeTable } from './node-table.js';
import { StaleBanner } from './stale-banner.js';
import { useNodeList } from './use-node-list.js';

export function NodesPage() {
  const url = useUrl();
  const dialog = useOpenDialog();
  const { search } = useStore(url.store);
  const query = useMemo(() => readNodeQuery(search), [search]);
  const narrowing = useMemo(() => readNarrowing(search), [search]);
  const list = useNodeList({ ...listQueryOf(query), ...narrowedQuery(narrowing) });
  const { counts } = list;
  const { mayLaunch } = useRights();
  const searchBox = useRef<HTMLInputElement>(null);
  usePageTitle(undefined);
  useShortcut({ keys: '/', label: 'Search nodes', group: 'Nodes', run: () => searchBox.current?.focus() });
  const change = (next: NodeQuery) => url.patchSearch(writeNodeQuery(next));
  return (
    <div className="page">
      <header className="page-head">
        <h1>Nodes</h1>
        <span className="muted tabular">{counts === undefined ? '' : shownText(counts)}</span>
        <span className="spacer" />
        <SavedMenu path="/" />
        <span className="density">
          <DensityButton />
        </span>
        {mayLaunch && (
          <Button look="primary" icon="plus" onClick={() => dialog.set('launch')}>
            Launch node
          </Button>
        )}
      </header>
      <NodeFilters counts={counts} query={query} onChange={change} searchBox={searchBox} />
      <NarrowingChips narrowing={narrowing} />
      <StaleBanner subject="The list" />
      <NodeTable list={list} query={query} onChange={change} filtered={isNarrowed(narrowing)} />
    </div>
  );
}

function shownText({ total, statuses }: NodeCounts): string {
  const all = Object.values(statuses).reduce((sum, count) => sum + count, 0);
  return total === all ? grouped(all) : `${grouped(total)} of ${grouped(all)}`;
}

function grouped(count: number): string {
  return count.toLocaleString('en-US');
}
