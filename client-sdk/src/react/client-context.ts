import { createContext, createElement, useContext, useMemo, type ReactElement, type ReactNode } from 'react';
import type { LaunchlogClient } from '../launchlog-client.js';
import type { NodePool } from './node-pool.js';

interface Provided {
  readonly client: LaunchlogClient;
  readonly nodePool: NodePool | undefined;
}

const ProvidedContext = createContext<Provided | undefined>(undefined);

interface LaunchlogProviderProps {
  /** Created outside of components. */
  readonly client: LaunchlogClient;
  /**
   * A pool that the app keeps, created outside of components, which it starts and stops. `useNode` takes its nodes from there, so
   * that an app has one watch for all, and an answer that it `put`s there is shown at once.
   */
  readonly nodePool?: NodePool | undefined;
  /** What uses the hooks. */
  readonly children?: ReactNode;
}

/** Gives one client, and so one connection, to every hook below it. Create the client outside of components. */
export function LaunchlogProvider({ client, nodePool, children }: LaunchlogProviderProps): ReactElement {
  const value = useMemo(() => ({ client, nodePool }), [client, nodePool]);
  return createElement(ProvidedContext.Provider, { value }, children);
}

/** The given client, or that of the provider. Throws where there is neither. */
export function useLaunchlogClient(given?: LaunchlogClient): LaunchlogClient {
  const provided = useContext(ProvidedContext);
  const client = given ?? provided?.client;
  if (client === undefined) {
    throw new Error(
      'put <LaunchlogProvider client={client}> above this component, or pass a client to the hook',
    );
  }
  return client;
}

/** The provider's pool, for what uses the provider's client. */
export function useProvidedPool(client: LaunchlogClient): NodePool | undefined {
  const provided = useContext(ProvidedContext);
  return provided?.client === client ? provided.nodePool : undefined;
}
