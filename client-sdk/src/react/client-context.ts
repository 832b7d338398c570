import { createContext, createElement, useContext, type ReactElement, type ReactNode } from 'react';
import type { LaunchlogClient } from '../launchlog-client.js';

const ClientContext = createContext<LaunchlogClient | undefined>(undefined);

interface LaunchlogProviderProps {
  /** Created outside of components. */
  readonly client: LaunchlogClient;
  /** What uses the hooks. */
  readonly children?: ReactNode;
}

/** Gives one client, and so one connection, to every hook below it. Create the client outside of components. */
export function LaunchlogProvider({ client, children }: LaunchlogProviderProps): ReactElement {
  return createElement(ClientContext.Provider, { value: client }, children);
}

/** The given client, or that of the provider. Throws where there is neither. */
export function useLaunchlogClient(given?: LaunchlogClient): LaunchlogClient {
  const provided = useContext(ClientContext);
  const client = given ?? provided;
  if (client === undefined) {
    throw new Error(
      'put <LaunchlogProvider client={client}> above this component, or pass a client to the hook',
    );
  }
  return client;
}
