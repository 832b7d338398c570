import { LaunchlogApiError } from '@launchlog/sdk';
import { createService } from '../state/service.js';
import { Store, useStore } from '../state/store.js';
import type { Rights } from './rights.js';
import type { Session, SessionApi } from './session-api.js';
import { SessionRefused } from './session-api.js';

export type SessionState =
  | { readonly kind: 'checking' }
  | { readonly kind: 'unreachable' }
  | { readonly kind: 'signed_out'; readonly problem?: string; readonly busy: boolean }
  | { readonly kind: 'signed_in'; readonly session: Session };

/** Delay before the session is checked again after the server did not answer. */
const RETRY_MS = 2_000;
/** Notifies the browser's other tabs of a sign-in or sign-out. */
const CHANNEL = 'launchlog.session';

/** Whether this browser is signed in. Scripts cannot read the cookie, so the server is asked. */
export class SessionStore {
  readonly store = new Store<SessionState>({ kind: 'checking' });
  readonly #api: SessionApi;
  readonly #channel: BroadcastChannel;
  #retry: ReturnType<typeof setTimeout> | undefined;

  constructor(api: SessionApi) {
    this.#api = api;
    this.#channel = new BroadcastChannel(CHANNEL);
    this.#channel.addEventListener('message', () => void this.check());
  }

  async check(): Promise<void> {
    try {
      const session = await this.#api.read();
      this.store.set(
        session === undefined ? { kind: 'signed_out', busy: false } : { kind: 'signed_in', session },
      );
    } catch (error) {
      if (error instanceof SessionRefused && error.status === 403) {
        this.store.set({ kind: 'signed_out', busy: false, problem: error.message });
        return;
      }
      if (this.store.state.kind !== 'signed_in') this.store.set({ kind: 'unreachable' });
      clearTimeout(this.#retry);
      this.#retry = setTimeout(() => void this.check(), RETRY_MS);
    }
  }

  async signIn(token: string): Promise<void> {
    this.store.set({ kind: 'signed_out', busy: true });
    try {
      await this.#api.signIn(token);
      await this.check();
      this.#channel.postMessage('changed');
    } catch (error) {
      const problem = error instanceof SessionRefused ? error.message : 'The server cannot be reached.';
      this.store.set({ kind: 'signed_out', busy: false, problem });
    }
  }

  async signOut(): Promise<void> {
    const elsewhere = await this.#api.signOut();
    this.store.set({ kind: 'signed_out', busy: false });
    this.#channel.postMessage('changed');
    if (elsewhere !== undefined) window.location.assign(elsewhere);
  }

  /** The name of the identity provider; undefined where there is none, or the server does not answer. */
  identityProvider(): Promise<string | undefined> {
    return this.#api.identityProvider().catch(() => undefined);
  }

  get signOnUrl(): string {
    return this.#api.signOnUrl();
  }

  /** Ends the session if a call failed with 401: the cookie has expired or the token was changed. */
  noticeRefusal(error: unknown): void {
    const refused = error instanceof LaunchlogApiError && error.status === 401;
    if (!refused || this.store.state.kind !== 'signed_in') return;
    this.store.set({ kind: 'signed_out', busy: false, problem: 'Your session has ended. Sign in again.' });
  }
}

export const [SessionContext, useSession] = createService<SessionStore>('SessionStore');

const NO_RIGHTS: Rights = { name: '', mayLaunch: false, deploymentId: undefined, tenantId: undefined };

/** What the signed-in token allows; nothing while nobody is signed in. */
export function useRights(): Rights {
  const state = useStore(useSession().store);
  return state.kind === 'signed_in' ? state.session.rights : NO_RIGHTS;
}
