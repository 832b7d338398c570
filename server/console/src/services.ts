import { createContext, useContext } from 'react';
import type { LaunchlogClient } from '@launchlog/sdk';
import type { LaunchForm } from './launch/launch-form.js';
import type { LogPreferences } from './log/log-preferences.js';
import type { NodesStore } from './node/nodes-store.js';
import type { Notifier } from './notify/notifier.js';
import type { UrlStore } from './router/url-store.js';
import type { SessionStore } from './session/session-store.js';
import type { ShortcutMap } from './shortcut/shortcut-map.js';
import type { ThemeStore } from './theme/theme-store.js';
import type { Ticker } from './time/ticker.js';
import type { ToastStore } from './toast/toast-store.js';
import type { Store } from './ui/store.js';
import type { StoredValue } from './ui/stored-value.js';

/** Everything that lives as long as the page. Made once, in `main.tsx`. */
export interface Services {
  readonly client: LaunchlogClient;
  readonly session: SessionStore;
  readonly url: UrlStore;
  readonly theme: ThemeStore;
  readonly nodes: NodesStore;
  readonly ticker: Ticker;
  readonly toasts: ToastStore;
  readonly notifier: Notifier;
  readonly shortcuts: ShortcutMap;
  readonly shortcutsOn: StoredValue<boolean>;
  readonly logPreferences: StoredValue<LogPreferences>;
  readonly lastLaunch: StoredValue<LaunchForm>;
  /** Which dialog of the shell is open. */
  readonly dialog: Store<'none' | 'launch' | 'shortcuts'>;
}

export const ServicesContext = createContext<Services | undefined>(undefined);

export function useServices(): Services {
  const services = useContext(ServicesContext);
  if (services === undefined) throw new Error('this component stands outside of ServicesContext');
  return services;
}
