import { Store } from './store.js';

interface StoredValueOptions<Value> {
  readonly key: string;
  readonly initial: Value;
  /** Returns undefined for an unusable value; another version of the console may have written it. */
  readonly parse: (stored: unknown) => Value | undefined;
  readonly storage: Pick<Storage, 'getItem' | 'setItem'> | undefined;
}

/** A preference that the browser stores. If storage is forbidden, it lasts as long as the page. */
export class StoredValue<Value> {
  readonly store: Store<Value>;
  readonly #key: string;
  readonly #storage: StoredValueOptions<Value>['storage'];
  readonly #parse: StoredValueOptions<Value>['parse'];

  constructor(options: StoredValueOptions<Value>) {
    this.#key = options.key;
    this.#storage = options.storage;
    this.#parse = options.parse;
    this.store = new Store(this.#read(options.parse) ?? options.initial);
  }

  set(value: Value): void {
    this.store.set(value);
    try {
      this.#storage?.setItem(this.#key, JSON.stringify(value));
    } catch {
      // Storage is full or forbidden: the value lasts as long as this page.
    }
  }

  /** Changes what is stored now: another page of the same browser may have changed it since. */
  update(change: (value: Value) => Value): void {
    this.set(change(this.#read(this.#parse) ?? this.store.state));
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
