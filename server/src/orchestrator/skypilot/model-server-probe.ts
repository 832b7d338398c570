import type { Clock } from '../../clock.js';
import type { Observation, Probe } from '../orchestrator.js';
import type { PlainGet } from '../../outbound/outbound-http.js';
import { plainGet } from '../../outbound/plain-get.js';
import type { ServingSign } from '../own-task/serving-sign.js';
import { listedModels, missingText, namesModel } from '../own-task/serving-sign.js';

/** How much of an answer is read. */
const BODY_MAX_BYTES = 256 * 1024;
/** How many model names of an answer are shown. */
const NAMES_SHOWN_MAX = 5;

interface ModelServerProbe {
  /** Returns the base URL, without a path. Asked before each attempt. */
  readonly endpoint: () => string;
  /** The sign that the probe waits for. */
  readonly sign: ServingSign;
  /** The key that callers must send; undefined if they need none. */
  readonly key?: string | undefined;
  readonly clock: Clock;
  /** The one that uses the configured proxies; without it every address is called directly. */
  readonly get?: PlainGet | undefined;
  /** The pause between two attempts. */
  readonly intervalMs: number;
  /** The time limit for one complete answer. */
  readonly timeoutMs: number;
}

/**
 * Asks `/health` and, once that answers 200, `/v1/models`, until the model is named, or asks another path for its sign;
 * then reports `serving` and ends.
 * A refused connection means that the model is still being loaded. It never gives up: the caller sets a deadline through
 * the signal, which ends it without an error. No connection stays open.
 */
export async function* probeModelServer(
  probe: ModelServerProbe,
  signal: AbortSignal,
): AsyncGenerator<Observation, void> {
  for (let attempt = 1; !signal.aborted; attempt += 1) {
    const endpoint = probe.endpoint();
    let ok = true;
    for (const question of QUESTIONS[probe.sign.kind]) {
      const answer = await question(probe, { endpoint, attempt }, signal);
      if (signal.aborted) return;
      yield { kind: 'probe', probe: answer };
      ok = answer.ok;
      if (!ok) break;
    }
    if (ok) {
      yield { kind: 'serving', endpoint };
      return;
    }
    await probe.clock.sleep(probe.intervalMs, signal).catch(() => undefined);
  }
}

interface ProbeAttempt {
  readonly endpoint: string;
  readonly attempt: number;
}

type Question = (probe: ModelServerProbe, attempt: ProbeAttempt, signal: AbortSignal) => Promise<Probe>;

/** The targets in order: each is requested after a good answer of the one before. */
const QUESTIONS: Readonly<Record<ServingSign['kind'], readonly Question[]>> = {
  models: [askHealth, askModels],
  ready: [askReady],
};

async function askReady(
  probe: ModelServerProbe,
  { endpoint, attempt }: ProbeAttempt,
  signal: AbortSignal,
): Promise<Probe> {
  const { path, text } = probe.sign.kind === 'ready' ? probe.sign : { path: '/', text: undefined };
  const url = `${endpoint}${path}`;
  const { status, message, body } = await ask(probe, url, signal);
  const asked = { url, target: 'ready', attempt, status } as const;
  if (status === 200 && text !== undefined && !body.includes(text))
    return { ...asked, ok: false, message: missingText(text) };
  return { ...asked, ok: status === 200, message };
}

async function askHealth(
  probe: ModelServerProbe,
  { endpoint, attempt }: ProbeAttempt,
  signal: AbortSignal,
): Promise<Probe> {
  const url = `${endpoint}/health`;
  const answer = await ask(probe, url, signal);
  return {
    url,
    target: 'health',
    attempt,
    status: answer.status,
    ok: answer.status === 200,
    message: answer.message,
  };
}

async function askModels(
  probe: ModelServerProbe,
  { endpoint, attempt }: ProbeAttempt,
  signal: AbortSignal,
): Promise<Probe> {
  const url = `${endpoint}/v1/models`;
  const answer = await ask(probe, url, signal);
  const asked = { url, target: 'models', attempt, status: answer.status } as const;
  if (answer.status !== 200) return { ...asked, ok: false, message: answer.message };
  const names = listedModels(answer.body);
  if (names === undefined) return { ...asked, ok: false, message: '200, but without a list of models' };
  const shown = names.slice(0, NAMES_SHOWN_MAX).join(', ') || 'no model';
  const wanted = probe.sign.kind === 'models' ? probe.sign.names : [];
  const ok = namesModel(wanted, names);
  return { ...asked, ok, message: ok ? `200, it names ${shown}` : `200, but it names ${shown}` };
}

interface ProbeAnswer {
  readonly status: number | undefined;
  readonly message: string;
  readonly body: string;
}

async function ask(probe: ModelServerProbe, url: string, signal: AbortSignal): Promise<ProbeAnswer> {
  const { clock, timeoutMs, key, get = plainGet } = probe;
  const headers = {
    accept: 'application/json',
    ...(key !== undefined && { authorization: `Bearer ${key}` }),
  };
  try {
    const options = { clock, timeoutMs, signal, headers, bodyMaxBytes: BODY_MAX_BYTES };
    const { status, statusText, body } = await get(url, options);
    return { status, message: `${status} ${statusText}`.trim(), body };
  } catch (error) {
    return { status: undefined, message: reasonOf(error), body: '' };
  }
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  switch (code) {
    case 'ECONNREFUSED':
      return 'connection refused';
    case 'ECONNRESET':
      return 'connection closed';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'unknown host name';
    default:
      return error instanceof Error ? error.message || code || error.name : String(error);
  }
}
