export const SETTINGS_SECTIONS = [
  'tokens',
  'sessions',
  'notifications',
  'budgets',
  'strays',
  'audit',
  'checks',
] as const;
export type SettingsSection = (typeof SETTINGS_SECTIONS)[number];

export type Route =
  | { readonly page: 'nodes' }
  | { readonly page: 'node'; readonly nodeId: string }
  | { readonly page: 'deployment'; readonly deploymentId: string }
  | { readonly page: 'logs' }
  | { readonly page: 'search' }
  | { readonly page: 'metrics' }
  | { readonly page: 'settings'; readonly section: SettingsSection }
  | { readonly page: 'unknown' };

/** The page at a path. `/metrics` (Prometheus), `/healthz`, `/admin`, `/trpc` and `/session` belong to the server. */
export function parseRoute(path: string): Route {
  const [first, second, ...rest] = path.split('/').filter((part) => part !== '');
  if (first === undefined || (first === 'nodes' && second === undefined)) return { page: 'nodes' };
  if (rest.length > 0) return { page: 'unknown' };
  const name = second === undefined ? undefined : decode(second);
  if (first === 'logs' && second === undefined) return { page: 'logs' };
  if (first === 'search' && second === undefined) return { page: 'search' };
  if (first === 'launch-metrics' && second === undefined) return { page: 'metrics' };
  if (first === 'settings') {
    const section = SETTINGS_SECTIONS.find((each) => each === (second ?? SETTINGS_SECTIONS[0]));
    if (section !== undefined) return { page: 'settings', section };
  }
  if (first === 'nodes' && name !== undefined) return { page: 'node', nodeId: name };
  if (first === 'deployments' && name !== undefined) return { page: 'deployment', deploymentId: name };
  return { page: 'unknown' };
}

export function nodePath(nodeId: string): string {
  return `/nodes/${encodeURIComponent(nodeId)}`;
}

export function deploymentPath(deploymentId: string): string {
  return `/deployments/${encodeURIComponent(deploymentId)}`;
}

function decode(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
