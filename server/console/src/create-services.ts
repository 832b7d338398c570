import { z } from 'zod';
import type { LaunchlogClient } from '@launchlog/sdk';
import { FileDownloads } from './download/file-downloads.js';
import { saveFile } from './download/save-file.js';
import { FIRST_LAUNCH_FORM, launchFormSchema } from './launch/launch-form.js';
import { FIRST_LOG_PREFERENCES, logPreferencesSchema } from './log/line/log-preferences.js';
import { NodesStore } from './node/nodes-store.js';
import { EndedLaunches } from './notify/ended-launches.js';
import { LaunchNotifier } from './notify/launch-notifier.js';
import type { OpenDialog } from './router/open-dialog.js';
import { UrlStore } from './router/url-store.js';
import { savedSearchesSchema, type SavedSearch } from './saved/saved-searches.js';
import { HttpSessionApi } from './session/session-api.js';
import { SessionStore } from './session/session-store.js';
import { ShortcutMap } from './shortcut/shortcut-map.js';
import { nextFrame } from './state/frame-scheduler.js';
import { Store } from './state/store.js';
import { StoredValue } from './state/stored-value.js';
import { DENSITIES, DensityStore, type Density } from './theme/density.js';
import { ThemeStore } from './theme/theme-store.js';
import type { ServerClock } from './time/server-clock.js';
import { Ticker } from './time/ticker.js';
import { ToastStore } from './toast/toast-store.js';

export type Services = ReturnType<typeof createServices>;

/** Creates everything that lives as long as the page and connects it. `basePath`: what precedes every path, or empty. */
export function createServices(client: LaunchlogClient, basePath: string, clock: ServerClock) {
  const session = new SessionStore(new HttpSessionApi(basePath, clock.fetch));
  const toasts = new ToastStore();
  const url = new UrlStore(window, basePath);
  const shortcuts = new ShortcutMap(stored('shortcuts', true, z.boolean()), () => performance.now());
  const nodes = new NodesStore({
    client,
    schedule: nextFrame,
    onRefused: (error) => session.noticeRefusal(error),
  });
  const notifier = new LaunchNotifier({
    document,
    wanted: stored('notify', false, z.boolean()),
    toasts,
    open: (path) => url.go(path),
  });
  const ended = new EndedLaunches();
  nodes.store.subscribe(() => {
    for (const node of ended.update(nodes.store.state.nodes)) notifier.launchEnded(node);
  });
  return {
    client,
    session,
    url,
    downloads: new FileDownloads({
      basePath,
      fetch: clock.fetch,
      save: saveFile,
      onSignedOut: () => void session.check(),
    }),
    density: new DensityStore(
      document.documentElement,
      stored<Density>('density', 'comfortable', z.enum(DENSITIES)),
    ),
    // Several servers may share an origin, each below its own path.
    savedSearches: stored<readonly SavedSearch[]>(`searches${basePath}`, [], savedSearchesSchema),
    theme: new ThemeStore(document.documentElement, allowedStorage()),
    nodes,
    ticker: new Ticker(clock.now),
    toasts,
    notifier,
    shortcuts,
    logPreferences: stored('log', FIRST_LOG_PREFERENCES, logPreferencesSchema),
    lastLaunch: stored('launch', FIRST_LAUNCH_FORM, launchFormSchema),
    openDialog: new Store<OpenDialog>('none'),
  };
}

function stored<Value>(key: string, initial: Value, schema: z.ZodType<Value>): StoredValue<Value> {
  return new StoredValue({
    key: `launchlog.${key}`,
    initial,
    parse: (value) => schema.safeParse(value).data,
    storage: allowedStorage(),
  });
}

/** Undefined where the browser forbids storage: it throws on the first access. */
function allowedStorage(): Storage | undefined {
  try {
    return window.localStorage;
  } catch {
    return undefined;
  }
}
