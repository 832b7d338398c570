/**
 * The entire environment of child processes: what SkyPilot and the clouds' own libraries read, and the names that the
 * operator adds. Every other variable stays here. Variables that load code or start programs (`LD_*`, `PYTHON*`,
 * `BASH_ENV`) do not belong on the lists.
 */
export function childEnvironment(
  environment: NodeJS.ProcessEnv,
  added: readonly string[],
): Record<string, string> {
  const passes = (name: string) =>
    names.has(name) || added.includes(name) || prefixes.some((prefix) => name.startsWith(prefix));
  const entries = Object.entries(environment).flatMap(([name, value]) =>
    value !== undefined && passes(name) ? [[name, value] as const] : [],
  );
  return Object.fromEntries(entries);
}

const USER = 'PATH HOME USER LOGNAME SHELL LANG LANGUAGE TZ TMPDIR SSH_AUTH_SOCK';
const FOLDERS = 'XDG_CONFIG_HOME XDG_CACHE_HOME XDG_DATA_HOME XDG_RUNTIME_DIR';
const PROXIES = 'HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY http_proxy https_proxy all_proxy no_proxy';
const CERTIFICATES = 'SSL_CERT_FILE SSL_CERT_DIR REQUESTS_CA_BUNDLE CURL_CA_BUNDLE';
/** Variables of clouds that have no prefix below. */
const CREDENTIALS =
  'GOOGLE_APPLICATION_CREDENTIALS GOOGLE_CLOUD_PROJECT GCLOUD_PROJECT KUBECONFIG KUBERNETES_SERVICE_HOST KUBERNETES_SERVICE_PORT';
const PREFIXES =
  'SKYPILOT_ LC_ AWS_ AZURE_ ARM_ CLOUDSDK_ OCI_ IBMCLOUD_ DIGITALOCEAN_ CLOUDFLARE_ R2_ LAMBDA_ RUNPOD_ VAST_ NEBIUS_ ' +
  'FLUIDSTACK_ CUDO_ PAPERSPACE_ HYPERBOLIC_ VERDA_ DATACRUNCH_ MITHRIL_ SCP_ SEEWEB_ SHADEFORM_ PRIME_INTELLECT_ COREWEAVE_';

const names = new Set([USER, FOLDERS, PROXIES, CERTIFICATES, CREDENTIALS].join(' ').split(' '));
const prefixes = PREFIXES.split(' ');
