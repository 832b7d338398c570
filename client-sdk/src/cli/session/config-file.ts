import { chmod, mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { UsageError } from './exit-code.js';

const serverSchema = z.object({ url: z.string(), token: z.string().optional() });
const configSchema = serverSchema.extend({
  /** Further servers by name. */
  contexts: z.record(z.string(), serverSchema).optional(),
});
/** An address, and the token for it. */
export type CliServer = z.infer<typeof serverSchema>;
/** What `launchlog login` saves. */
export type CliConfig = z.infer<typeof configSchema>;

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
/** Leaves room for a number. */
const NAME_OF_HOST_MAX = 58;
const OWNER_ONLY_FILE = 0o600;
const OWNER_ONLY_FOLDER = 0o700;
const OTHER_USERS = 0o077;

/** `$XDG_CONFIG_HOME/launchlog/config.json`, according to the XDG Base Directory Specification. */
export function configPath(environment: NodeJS.ProcessEnv): string {
  const xdg = environment['XDG_CONFIG_HOME'];
  const base =
    xdg !== undefined && xdg.startsWith('/') ? xdg : join(environment['HOME'] ?? homedir(), '.config');
  return join(base, 'launchlog', 'config.json');
}

/** Returns undefined if there is no file. */
export async function readConfigFile(path: string): Promise<CliConfig | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw new UsageError(
      `you cannot read ${path}, which holds your servers (${error.code}): check its rights`,
    );
  });
  if (text === undefined) return undefined;
  const parsed = configSchema.safeParse(parseJson(text));
  if (!parsed.success) throw new UsageError(`${path} is not valid: run 'launchlog login' again`);
  return parsed.data;
}

/** Replaces the file atomically, and keeps its contexts where none are given. It holds tokens, so only its owner may read it. */
export async function writeConfigFile(path: string, config: CliConfig): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: OWNER_ONLY_FOLDER });
  const before = await readConfigFile(path).catch(() => undefined);
  const kept = { ...(before?.contexts && { contexts: before.contexts }), ...config };
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, `${JSON.stringify(kept, undefined, 2)}\n`, { mode: OWNER_ONLY_FILE });
  await chmod(draft, OWNER_ONLY_FILE);
  await rename(draft, path);
}

/**
 * Saves a server as the one in use, or under a name; the first one is in use whatever its name. A name and the server in use
 * that have been the same one stay the same one.
 */
export async function saveServer(path: string, server: CliServer, name: string | undefined): Promise<void> {
  if (name !== undefined) requireContextName(name);
  const config = await readConfigFile(path);
  const saved: CliServer = { url: server.url, ...(server.token && { token: server.token }) };
  const contexts = { ...config?.contexts };
  const inUse = config ?? saved;
  if (name === undefined) {
    for (const [each, known] of Object.entries(contexts))
      if (isSame(known, inUse) && known.url === saved.url) contexts[each] = saved;
    return writeConfigFile(path, { ...saved, ...(config?.contexts && { contexts }) });
  }
  const former = contexts[name];
  const { url, token } = former !== undefined && isSame(former, inUse) ? saved : inUse;
  await writeConfigFile(path, { url, ...(token && { token }), contexts: { ...contexts, [name]: saved } });
}

function isSame(one: CliServer, other: CliServer): boolean {
  return one.url === other.url && one.token === other.token;
}

/** The server in use, and a free name for it, where it has a token and no name keeps that. */
export function unnamedServer(config: CliConfig): { name: string; server: CliServer } | undefined {
  const { url, token, contexts = {} } = config;
  if (token === undefined || Object.values(contexts).some((saved) => isSame(saved, config))) return undefined;
  const host = URL.canParse(url) ? new URL(url).host : '';
  const base =
    host
      .replace(/[^A-Za-z0-9.-]+/g, '-')
      .replace(/^[.-]+/, '')
      .slice(0, NAME_OF_HOST_MAX) || 'former';
  let name = base;
  for (let count = 2; Object.hasOwn(contexts, name); count += 1) name = `${base}-${count}`;
  return { name, server: { url, token } };
}

/** Throws a UsageError for a name that no context can have. */
export function requireContextName(name: string): void {
  if (NAME.test(name)) return;
  throw new UsageError('the name of a context must be 1 to 64 letters, digits, dots, dashes and underscores');
}

/** The saved server of this name. Throws a UsageError that lists those there are. */
export function savedContext(config: CliConfig | undefined, name: string): CliServer {
  const contexts = config?.contexts ?? {};
  const saved = Object.hasOwn(contexts, name) ? contexts[name] : undefined;
  if (saved !== undefined) return saved;
  const names = Object.keys(contexts).join(', ');
  const remedy =
    names === ''
      ? "none is saved yet, 'launchlog context save <name>' saves one"
      : `those saved are ${names}`;
  throw new UsageError(`there is no context '${name.replace(/[^\w.-]/g, '?')}': ${remedy}`);
}

/** True if users other than the owner can access the file. */
export async function isOpenToOthers(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && (found.mode & OTHER_USERS) !== 0;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
