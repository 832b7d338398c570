import { createService } from '../state/service.js';
import { Store } from '../state/store.js';
import type { StoredValue } from '../state/stored-value.js';

export interface Shortcut {
  /** Keys one after the other: `g n`, `/`, `?`, `Shift+G`. */
  readonly keys: string;
  readonly label: string;
  readonly group: string;
  readonly run: () => void;
}

export interface PressedKey {
  readonly key: string;
  /** Ctrl, Alt or Meta: never ours. */
  readonly modified: boolean;
  /** The key goes into a text field. */
  readonly typing: boolean;
}

/** The second key of a pair must follow within this time. */
const PAIR_MS = 1_000;

/** What single keys do on the page that is shown. The newest registration of a key wins. */
export class ShortcutMap {
  readonly store = new Store<readonly Shortcut[]>([]);
  /** The reader's choice, kept by the browser. */
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

  /** True when the key was a shortcut and has been acted on. */
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
