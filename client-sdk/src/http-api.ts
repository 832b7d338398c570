import { createTRPCClient, httpLink } from '@trpc/client';
import type { TRPCClient } from '@trpc/client';
import superjson from 'superjson';
import type { AppRouter } from '@launchlog/server/trpc/router';
import type { ClientSettings } from './client-options.js';
import { LaunchlogApiError } from './launchlog-api-error.js';

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
          fetchJson(url, { ...(init as RequestInit), signal: AbortSignal.timeout(requestTimeoutMs) }),
      }),
    ],
  });
}

/** tRPC loses the status of an answer that is not JSON, such as the error page of a proxy. */
async function fetchJson(url: string | URL | Request, init: RequestInit): Promise<Response> {
  const response = await fetch(url, init);
  if (/\bjson\b/.test(response.headers.get('content-type') ?? '')) return response;
  await response.body?.cancel();
  throw LaunchlogApiError.ofStranger(response.status);
}
