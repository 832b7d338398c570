import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, useState } from 'react';
import type { Node } from '@launchlog/sdk';
import type { LiveNodes } from '@launchlog/sdk/react';
import { launchRequestSchema } from '@launchlog/shared/launch-request';
import { FIRST_LAUNCH } from '../request/first-launch.js';
import { launchCommand } from '../request/launch-command.js';
import { CommandLine } from '../toast/command-line.js';
import { useOpenDialog } from '../router/open-dialog.js';
import { nodePath } from '../router/route.js';
import { useUrl } from '../router/url-store.js';
import { useRights } from '../session/session-store.js';
import { useShortcut } from '../shortcut/use-shortcut.js';
import { Button } from '../ui/button.js';
import { LateAnswer, Loading } from '../time/loading.js';
import type { NodeQuery, SortKey } from './node-query.js';
import { isFilteringNodes } from './node-query.js';
import { NodeRow } from './node-row.js';
import { SortHeader } from './sort-header.js';

const COLUMNS: readonly { readonly key: SortKey; readonly label: string; readonly numeric?: boolean }[] = [
  { key: 'name', label: 'Node' },
  { key: 'status', label: 'Status' },
  { key: 'phase', label: 'Phase and progress' },
  { key: 'eta', label: 'ETA', numeric: true },
  { key: 'place', label: 'Provider, region' },
  { key: 'gpu', label: 'GPU' },
  { key: 'model', label: 'Model' },
  { key: 'age', label: 'Age', numeric: true },
  { key: 'cost', label: 'Cost', numeric: true },
];
/** The height of a row with two lines; rows are measured once they are drawn. */
const ROW_HEIGHT_PX = 51;
const OVERSCAN_ROWS = 12;
/** The height of the titles, which stay above the rows. */
const TITLES_HEIGHT_PX = 36;
/** The next page is read when the end of the list is this near. */
const READ_AHEAD_ROWS = 100;

interface NodeTableProps {
  readonly list: LiveNodes;
  readonly query: NodeQuery;
  readonly onChange: (query: NodeQuery) => void;
  /** The table scrolls within its frame, next to other things on the page. */
  readonly framed?: boolean;
  /** Something besides the query leaves nodes out. */
  readonly filtered?: boolean;
}

export function NodeTable({ list, query, onChange, framed = false, filtered = false }: NodeTableProps) {
  const { nodes, isLoading: loading, counts } = list;
  return (
    <div
      className={`table-frame ${framed ? 'table-scroller' : 'nodes-frame'}`}
      role="region"
      aria-label="Nodes"
      tabIndex={0}
    >
      <table
        className="table nodes-table"
        aria-busy={loading}
        aria-rowcount={(counts?.total ?? nodes.length) + 1}
      >
        <thead>
          <tr>
            {COLUMNS.map((column) => (
              <SortHeader key={column.key} column={column} query={query} onChange={onChange} />
            ))}
          </tr>
        </thead>
        <NodeRows list={list} />
      </table>
      {nodes.length === 0 && loading && <Loading what="the nodes" />}
      {nodes.length > 0 && loading && <LateAnswer />}
      {nodes.length === 0 && !loading && <NoNodes filtered={filtered || isFilteringNodes(query)} />}
    </div>
  );
}

/** Only the rows in view are elements, however long the list is. */
function NodeRows({ list }: { list: LiveNodes }) {
  const url = useUrl();
  const { nodes, hasMore: more, loadMore } = list;
  const body = useRef<HTMLTableSectionElement>(null);
  const rows = useRowsInView(body, nodes);
  const { selected } = useSelection(nodes, (id, index) => {
    const link = () =>
      body.current?.querySelector<HTMLAnchorElement>(`a[href="${url.hrefOf(nodePath(id))}"]`) ?? undefined;
    rows.scrollToIndex(index);
    const drawn = link();
    // At once where it can be, so that Enter opens the node even if it is pressed within the same frame.
    if (drawn === undefined) requestAnimationFrame(() => link()?.focus());
    else drawn.focus();
  });
  const items = rows.getVirtualItems();
  const lastIndex = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (more && lastIndex + READ_AHEAD_ROWS >= nodes.length) void loadMore();
  }, [loadMore, more, lastIndex, nodes.length]);
  const { scrollMargin } = rows.options;
  const drawn = items.flatMap(({ index }) => {
    const node = nodes[index];
    return node === undefined ? [] : [{ index, node }];
  });
  return (
    <tbody ref={body}>
      <Spacer height={(items[0]?.start ?? scrollMargin) - scrollMargin} />
      {drawn.map(({ index, node }) => (
        <NodeRow
          key={node.id}
          ref={rows.measureElement}
          index={index}
          node={node}
          selected={node.id === selected}
        />
      ))}
      <Spacer height={rows.getTotalSize() - ((items.at(-1)?.end ?? scrollMargin) - scrollMargin)} />
    </tbody>
  );
}

function useRowsInView(body: { readonly current: HTMLTableSectionElement | null }, nodes: readonly Node[]) {
  const [marginPx, setMarginPx] = useState(0);
  const scroller = () => body.current?.closest<HTMLElement>('.table-scroller, main') ?? null;
  useEffect(() => {
    const main = scroller();
    if (main === null || body.current === null) return;
    const top = body.current.getBoundingClientRect().top - main.getBoundingClientRect().top + main.scrollTop;
    setMarginPx(Math.round(top));
  });
  return useVirtualizer<HTMLElement, HTMLTableRowElement>({
    count: nodes.length,
    getScrollElement: scroller,
    estimateSize: () => ROW_HEIGHT_PX,
    getItemKey: (index) => nodes[index]?.id ?? index,
    overscan: OVERSCAN_ROWS,
    scrollMargin: marginPx,
    scrollPaddingStart: TITLES_HEIGHT_PX,
    useFlushSync: false,
  });
}

/** The row that the keyboard is on. */
function useSelection(nodes: readonly Node[], focus: (id: string, index: number) => void) {
  const url = useUrl();
  const [selected, setSelected] = useState<string>();
  const move = (step: number) => {
    const index = nodes.findIndex((node) => node.id === selected);
    const to = Math.min(nodes.length - 1, Math.max(0, index + step));
    const next = nodes[to];
    if (next === undefined) return;
    setSelected(next.id);
    focus(next.id, to);
  };
  useShortcut({ keys: 'j', label: 'Next node', group: 'Nodes', run: () => move(1) });
  useShortcut({ keys: 'k', label: 'Previous node', group: 'Nodes', run: () => move(-1) });
  useShortcut({
    keys: 'o',
    label: 'Open the node',
    group: 'Nodes',
    run: () => selected !== undefined && url.go(nodePath(selected)),
  });
  return { selected };
}

/** Stands for the rows that are not drawn. */
function Spacer({ height }: { height: number }) {
  if (height <= 0) return undefined;
  return (
    <tr className="table-spacer" aria-hidden="true">
      <td style={{ height }} />
    </tr>
  );
}

function NoNodes({ filtered }: { filtered: boolean }) {
  const dialog = useOpenDialog();
  const { mayLaunch } = useRights();
  if (filtered) return <p className="empty muted">No nodes match these filters. Remove one to see more.</p>;
  return (
    <div className="empty">
      <h2>No nodes yet</h2>
      {mayLaunch && (
        <>
          <p className="muted">Launch one and watch every step until it serves.</p>
          <Button look="primary" icon="plus" onClick={() => dialog.set('launch')}>
            Launch the first node
          </Button>
          <p className="muted">or from a shell, with the token in LAUNCHLOG_TOKEN:</p>
          <FirstCommand />
        </>
      )}
    </div>
  );
}

/** A line that somebody can paste. */
function FirstCommand() {
  const url = useUrl();
  const request = launchRequestSchema.parse(FIRST_LAUNCH);
  const command = launchCommand('cli', url.serverUrl, { request, secretNames: [] });
  return <CommandLine command={command} />;
}
