import { createService } from '../state/service.js';
import type { StoredValue } from '../state/stored-value.js';

export const DENSITIES = ['comfortable', 'compact'] as const;
export type Density = (typeof DENSITIES)[number];

/** How high the rows of tables are. The browser remembers it, and `tokens.css` has the sizes. */
export class DensityStore {
  readonly #value: StoredValue<Density>;
  readonly #root: HTMLElement;

  constructor(root: HTMLElement, value: StoredValue<Density>) {
    this.#root = root;
    this.#value = value;
    this.#apply();
  }

  get store(): StoredValue<Density>['store'] {
    return this.#value.store;
  }

  toggle(): void {
    this.#value.set(this.store.state === 'compact' ? 'comfortable' : 'compact');
    this.#apply();
  }

  #apply(): void {
    this.#root.dataset['density'] = this.store.state;
  }
}

export const [DensityContext, useDensity] = createService<DensityStore>('DensityStore');
