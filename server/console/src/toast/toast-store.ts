import { createService } from '../state/service.js';
import { Store } from '../state/store.js';

interface Toast {
  readonly id: number;
  readonly tone: 'info' | 'success' | 'error';
  readonly text: string;
  readonly link?: { readonly to: string; readonly text: string } | undefined;
}

const SHOWN_MS = 6_000;
const SHOWN_MAX = 4;

/** Short messages at the edge of the page; screen readers announce them. */
export class ToastStore {
  readonly store = new Store<readonly Toast[]>([]);
  #nextId = 1;

  show(toast: Omit<Toast, 'id'>): void {
    const shown: Toast = { ...toast, id: this.#nextId++ };
    this.store.set([...this.store.state, shown].slice(-SHOWN_MAX));
    setTimeout(() => this.dismiss(shown.id), SHOWN_MS);
  }

  dismiss(id: number): void {
    this.store.set(this.store.state.filter((toast) => toast.id !== id));
  }
}

export const [ToastsContext, useToasts] = createService<ToastStore>('ToastStore');
