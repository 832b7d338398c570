import { useUrl } from '../../router/url-store.js';
import { useShortcuts } from '../../shortcut/shortcut-map.js';
import { useStore } from '../../state/store.js';
import type { PaletteEntry } from './palette-entry.js';
import { matchingEntries } from './palette-entry.js';
import { useFoundNodes } from './use-found-nodes.js';

const PAGES = [
  ['/', 'Nodes'],
  ['/logs', 'All logs'],
  ['/search', 'Search logs'],
  ['/launch-metrics', 'Metrics'],
  ['/settings/tokens', 'Tokens'],
  ['/settings/sessions', 'Sessions'],
  ['/settings/notifications', 'Notifications'],
  ['/settings/budgets', 'Budgets'],
  ['/settings/strays', 'Strays'],
  ['/settings/audit', 'Audit trail'],
  ['/settings/checks', 'Checks'],
] as const;

/** Pages and actions that match, then deployments and nodes. */
export function usePaletteEntries(typed: string): readonly PaletteEntry[] {
  const url = useUrl();
  const shortcuts = useStore(useShortcuts().store);
  const found = useFoundNodes(typed);
  const pages = PAGES.map(([path, label]): PaletteEntry => ({
    id: `page ${path}`,
    kind: 'Page',
    label,
    note: '',
    run: () => url.go(path),
  }));
  // Going to a page is among the pages already.
  const actions = shortcuts
    .filter(({ keys }) => !keys.startsWith('g '))
    .map(({ keys, label, group, run }): PaletteEntry => ({
      id: `action ${keys} ${label}`,
      kind: 'Action',
      label,
      note: `${group}, ${keys}`,
      run,
    }));
  // What the server found matches by more than its name.
  return [...matchingEntries([...pages, ...actions], typed), ...found];
}
