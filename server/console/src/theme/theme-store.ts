import { createService } from '../state/service.js';
import { Store } from '../state/store.js';

const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

/** `public/theme-boot.js` reads it too, before the first paint. */
const STORAGE_KEY = 'launchlog.theme';

/** The chosen theme. `system` follows the browser's preference; the colours are in `tokens.css`. */
export class ThemeStore {
  readonly store: Store<Theme>;
  readonly #root: HTMLElement;
  readonly #storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> | undefined;

  constructor(root: HTMLElement, storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> | undefined) {
    this.#root = root;
    this.#storage = storage;
    const stored = storage?.getItem(STORAGE_KEY);
    this.store = new Store<Theme>(THEMES.find((theme) => theme === stored) ?? 'system');
    this.#apply();
  }

  set(theme: Theme): void {
    this.store.set(theme);
    if (theme === 'system') this.#storage?.removeItem(STORAGE_KEY);
    else this.#storage?.setItem(STORAGE_KEY, theme);
    this.#apply();
  }

  next(): void {
    const index = THEMES.indexOf(this.store.state);
    this.set(THEMES[(index + 1) % THEMES.length] ?? 'system');
  }

  #apply(): void {
    if (this.store.state === 'system') delete this.#root.dataset['theme'];
    else this.#root.dataset['theme'] = this.store.state;
  }
}

export const [ThemeContext, useTheme] = createService<ThemeStore>('ThemeStore');
