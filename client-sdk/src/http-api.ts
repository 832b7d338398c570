import { createTRPCClient, httpLink } from '@trpc/client';
import type { TRPCClient } from '@trpc/client';
import superjson from 'superjson';
import type { AppRouter } from '@launchlog/server/trpc/router';
import type { ClientSettings } from './client-options.js';
import { LaunchlogApiError } from './launchlog-api-error.js';

/** A tRPC client over HTTP for procedures with one answer: each has a status, and no connection stays open. */
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

/** Fails with the status if the response is not JSON, such as a proxy's error page: tRPC would lose it. */
async function fetchJson(url: string | URL | Request, init: RequestInit): Promise<Response> {
  const response = await fetch(url, init);
  if (/\bjson\b/.test(response.headers.get('content-type') ?? '')) return response;
  await response.body?.cancel();
  throw LaunchlogApiError.ofStranger(response.status);
}
