import { createTRPCClient, httpLink } from '@trpc/client';
import type { TRPCClient } from '@trpc/client';
import superjson from 'superjson';
import type { AppRouter } from '@launchlog/server/trpc/router';
import type { ClientSettings } from './client-options.js';

/** The procedures that answer once, over HTTP: a status for each, and nothing to keep open. */
export function createHttpApi(settings: ClientSettings): TRPCClient<AppRouter> {
  const { httpUrl, token, requestTimeoutMs } = settings;
  return createTRPCClient<AppRouter>({
    links: [
      httpLink({
        url: httpUrl,
        transformer: superjson,
        headers: token === undefined ? {} : { 'x-admin-token': token },
        fetch: (url, init) =>
          fetch(url, { ...(init as RequestInit), signal: AbortSignal.timeout(requestTimeoutMs) }),
      }),
    ],
  });
}
