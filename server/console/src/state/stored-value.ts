import { Store } from './store.js';

interface StoredValueOptions<Value> {
  readonly key: string;
  readonly initial: Value;
  /** Gives undefined for what cannot be used: another version may have written it. */
  readonly parse: (stored: unknown) => Value | undefined;
  readonly storage: Pick<Storage, 'getItem' | 'setItem'> | undefined;
}

/** A preference this browser keeps. Where storage is forbidden it lasts as long as the page. */
export class StoredValue<Value> {
  readonly store: Store<Value>;
  readonly #key: string;
  readonly #storage: StoredValueOptions<Value>['storage'];

  constructor(options: StoredValueOptions<Value>) {
    this.#key = options.key;
    this.#storage = options.storage;
    this.store = new Store(this.#read(options.parse) ?? options.initial);
  }

  set(value: Value): void {
    this.store.set(value);
    try {
      this.#storage?.setItem(this.#key, JSON.stringify(value));
    } catch {
      // Full or forbidden: the value holds for this page.
    }
  }

  #read(parse: StoredValueOptions<Value>['parse']): Value | undefined {
    try {
      const text = this.#storage?.getItem(this.#key);
      return text === null || text === undefined ? undefined : parse(JSON.parse(text));
    } catch {
      return undefined;
    }
  }
}
