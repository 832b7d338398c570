import { createService } from '../state/service.js';
import { Store } from '../state/store.js';
import type { StoredValue } from '../state/stored-value.js';

export interface Shortcut {
  /** One character, or two typed in sequence: `/`, `?`, `N` (Shift and n), `g n`. */
  readonly keys: string;
  readonly label: string;
  readonly group: string;
  readonly run: () => void;
}

interface PressedKey {
  readonly key: string;
  /** Ctrl, Alt or Meta is held: the key belongs to the browser. */
  readonly modified: boolean;
  /** The focus is in a text field. */
  readonly typing: boolean;
}

/** Time within which the second key of a pair must follow the first. */
const PAIR_MS = 1_000;

/** The keyboard shortcuts of the current page. If two use the same keys, the newest registration wins. See decision 100. */
export class ShortcutMap {
  readonly store = new Store<readonly Shortcut[]>([]);
  /** Whether shortcuts are on; the browser stores the choice. */
  readonly enabled: StoredValue<boolean>;
  readonly #now: () => number;
  #first: { readonly key: string; readonly atMs: number } | undefined;

  constructor(enabled: StoredValue<boolean>, now: () => number) {
    this.enabled = enabled;
    this.#now = now;
  }

  register(shortcut: Shortcut): () => void {
    this.store.set([...this.store.state, shortcut]);
    return () => this.store.set(this.store.state.filter((other) => other !== shortcut));
  }

  /** Handles a key. Returns true if it was a shortcut or the first key of a pair. */
  press(pressed: PressedKey): boolean {
    if (!this.enabled.store.state || pressed.modified || pressed.typing) return false;
    const first = this.#first;
    this.#first = undefined;
    const paired = first !== undefined && this.#now() - first.atMs <= PAIR_MS;
    const found = (paired && this.#find(`${first.key} ${pressed.key}`)) || this.#find(pressed.key);
    if (found) {
      found.run();
      return true;
    }
    if (this.store.state.some((shortcut) => shortcut.keys.startsWith(`${pressed.key} `))) {
      this.#first = { key: pressed.key, atMs: this.#now() };
      return true;
    }
    return false;
  }

  #find(keys: string): Shortcut | undefined {
    return this.store.state.findLast((shortcut) => shortcut.keys === keys);
  }
}

export const [ShortcutsContext, useShortcuts] = createService<ShortcutMap>('ShortcutMap');
