import { z } from 'zod';
import type { LaunchlogClient } from '@launchlog/sdk';
import { FIRST_LAUNCH_FORM, launchFormSchema } from './launch/launch-form.js';
import { FIRST_LOG_PREFERENCES, logPreferencesSchema } from './log/log-preferences.js';
import { NodesStore } from './node/nodes-store.js';
import { EndedLaunches } from './notify/ended-launches.js';
import { Notifier } from './notify/notifier.js';
import { UrlStore } from './router/url-store.js';
import type { Services } from './services.js';
import { sessionApi } from './session/session-api.js';
import { SessionStore } from './session/session-store.js';
import { ShortcutMap } from './shortcut/shortcut-map.js';
import { ThemeStore } from './theme/theme-store.js';
import { Ticker } from './time/ticker.js';
import { ToastStore } from './toast/toast-store.js';
import { nextFrame } from './ui/frame-scheduler.js';
import { Store } from './ui/store.js';
import { StoredValue } from './ui/stored-value.js';

/** The composition root of the page. */
export function createServices(client: LaunchlogClient): Services {
  const session = new SessionStore(sessionApi);
  const toasts = new ToastStore();
  const url = new UrlStore(window);
  const shortcuts = new ShortcutMap(() => performance.now());
  const shortcutsOn = stored('shortcuts', true, z.boolean());
  const nodes = new NodesStore({
    client,
    schedule: nextFrame,
    onRefused: (error) => session.noticeRefusal(error),
  });
  const notifier = new Notifier({
    document,
    wanted: stored('notify', false, z.boolean()),
    toasts,
    open: (path) => url.go(path),
  });
  const ended = new EndedLaunches();
  nodes.store.subscribe(() => {
    for (const node of ended.update(nodes.store.state.nodes)) notifier.launchEnded(node);
  });
  const applyShortcuts = () => {
    shortcuts.enabled = shortcutsOn.store.state;
  };
  shortcutsOn.store.subscribe(applyShortcuts);
  applyShortcuts();
  return {
    client,
    session,
    url,
    theme: new ThemeStore(document.documentElement, allowedStorage()),
    nodes,
    ticker: new Ticker(() => Date.now()),
    toasts,
    notifier,
    shortcuts,
    shortcutsOn,
    logPreferences: stored('log', FIRST_LOG_PREFERENCES, logPreferencesSchema),
    lastLaunch: stored('launch', FIRST_LAUNCH_FORM, launchFormSchema),
    dialog: new Store<'none' | 'launch' | 'shortcuts'>('none'),
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

/** Some browsers forbid storage, and throw at the first touch. */
function allowedStorage(): Storage | undefined {
  try {
    return window.localStorage;
  } catch {
    return undefined;
  }
}
