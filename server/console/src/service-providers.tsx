import { LaunchlogProvider } from '@launchlog/sdk/react';
import type { ReactNode } from 'react';
import type { Services } from './create-services.js';
import { FileDownloadsContext } from './download/file-downloads.js';
import { LastLaunchContext } from './launch/launch-form.js';
import { LogPreferencesContext } from './log/line/log-preferences.js';
import { NodesContext } from './node/nodes-store.js';
import { LaunchNotifierContext } from './notify/launch-notifier.js';
import { OpenDialogContext } from './router/open-dialog.js';
import { UrlContext } from './router/url-store.js';
import { SavedSearchesContext } from './saved/saved-searches.js';
import { SessionContext } from './session/session-store.js';
import { ShortcutsContext } from './shortcut/shortcut-map.js';
import { DensityContext } from './theme/density.js';
import { ThemeContext } from './theme/theme-store.js';
import { TickerContext } from './time/ticker.js';
import { ToastsContext } from './toast/toast-store.js';

interface ServiceProvidersProps {
  readonly services: Services;
  readonly children: ReactNode;
}

/** Provides each service to the components below. None of them changes while the page lives. */
export function ServiceProviders({ services, children }: ServiceProvidersProps) {
  return (
    <LaunchlogProvider client={services.client} nodePool={services.nodes.pool}>
      <SessionContext value={services.session}>
        <UrlContext value={services.url}>
          <OpenDialogContext value={services.openDialog}>
            <ThemeContext value={services.theme}>
              <TickerContext value={services.ticker}>
                <ToastsContext value={services.toasts}>
                  <ShortcutsContext value={services.shortcuts}>
                    <LaunchNotifierContext value={services.notifier}>
                      <LogPreferencesContext value={services.logPreferences}>
                        <NodesContext value={services.nodes}>
                          <SavedSearchesContext value={services.savedSearches}>
                            <DensityContext value={services.density}>
                              <LastLaunchContext value={services.lastLaunch}>
                                <FileDownloadsContext value={services.downloads}>
                                  {children}
                                </FileDownloadsContext>
                              </LastLaunchContext>
                            </DensityContext>
                          </SavedSearchesContext>
                        </NodesContext>
                      </LogPreferencesContext>
                    </LaunchNotifierContext>
                  </ShortcutsContext>
                </ToastsContext>
              </TickerContext>
            </ThemeContext>
          </OpenDialogContext>
        </UrlContext>
      </SessionContext>
    </LaunchlogProvider>
  );
}
