import type { Context } from 'react';
import { createContext, useContext } from 'react';

/**
 * Declares an object that lives as long as the page: the context that provides it and the hook that reads it. The
 * folder that owns the class declares it, so that using a service is an import like any other.
 *
 *   export const [UrlContext, useUrl] = createService<UrlStore>('UrlStore');
 */
export function createService<Service>(
  name: string,
): readonly [context: Context<Service | undefined>, useService: () => Service] {
  const context = createContext<Service | undefined>(undefined);
  const useService = () => {
    const service = useContext(context);
    if (service === undefined) throw new Error(`no ${name} is provided above this component`);
    return service;
  };
  return [context, useService];
}
