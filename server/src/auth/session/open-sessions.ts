import { setMaxListeners } from 'node:events';
import { LaunchlogError } from '@launchlog/shared/error-code';
import { whenRevoked } from '../../principal.js';

/** The number of open sessions to remember, and of ended ones. Beyond it, the least recently seen are forgotten. */
const SESSIONS_MAX = 10_000;

interface OpenSession {
  readonly stop: AbortController;
  readonly forget: () => void;
}

/** The console sessions that this process has seen, so that signing out ends everything they have open here: decision 97. */
export class OpenSessions {
  readonly #open = new Map<string, OpenSession>();
  readonly #ended = new Set<string>();

  hasEnded(id: string): boolean {
    return this.#ended.has(id);
  }

  /** The signal shared by everything the session has open. Aborts when the session ends or `basis` does. */
  revoked(id: string, basis: AbortSignal | undefined): AbortSignal {
    const known = this.#open.get(id);
    this.#open.delete(id);
    const session = known === undefined || known.stop.signal.aborted ? begin(basis) : known;
    this.#open.set(id, session);
    if (this.#open.size > SESSIONS_MAX) this.#endOldest();
    return session.stop.signal;
  }

  end(id: string): void {
    this.#ended.add(id);
    const [oldest] = this.#ended;
    if (this.#ended.size > SESSIONS_MAX && oldest !== undefined) this.#ended.delete(oldest);
    this.#drop(id);
  }

  /** Ends what the session has open, and lets it open more. Its clients reconnect. */
  interrupt(id: string): void {
    this.#drop(id);
  }

  /** Its clients reconnect with their cookie, and the session is known again. */
  #endOldest(): void {
    const [oldest] = this.#open.keys();
    if (oldest !== undefined) this.#drop(oldest);
  }

  #drop(id: string): void {
    const session = this.#open.get(id);
    if (session === undefined) return;
    this.#open.delete(id);
    session.forget();
    session.stop.abort(new LaunchlogError('missing_admin_token', 'signed out'));
  }
}

function begin(basis: AbortSignal | undefined): OpenSession {
  const stop = new AbortController();
  /** Every open stream of the session listens. */
  setMaxListeners(0, stop.signal);
  const forget = whenRevoked({ revoked: basis }, () => stop.abort(basis?.reason));
  return { stop, forget };
}
