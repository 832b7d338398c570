import { FAILURE_LABELS } from '@launchlog/sdk';
import type { Node } from '@launchlog/sdk';
import { useEffect } from 'react';
import { nodePath } from '../router/route.js';
import { createService } from '../state/service.js';
import type { ToastStore } from '../toast/toast-store.js';
import type { StoredValue } from '../state/stored-value.js';

interface LaunchNotifierOptions {
  readonly document: Document;
  readonly wanted: StoredValue<boolean>;
  readonly toasts: ToastStore;
  readonly open: (path: string) => void;
}

const TITLE = 'Launchlog';

/** Reports the end of a launch by a toast and, while the tab is hidden, by the tab's title and a browser notification. */
export class LaunchNotifier {
  readonly wanted: StoredValue<boolean>;
  readonly #options: LaunchNotifierOptions;
  #title = TITLE;
  #unseen = 0;

  constructor(options: LaunchNotifierOptions) {
    this.#options = options;
    this.wanted = options.wanted;
    options.document.addEventListener('visibilitychange', () => this.#markSeen());
  }

  get supported(): boolean {
    return typeof Notification !== 'undefined';
  }

  /** Sets the name of the current page in the tab's title. */
  setPage(name: string | undefined): void {
    this.#title = name === undefined ? TITLE : `${name} · ${TITLE}`;
    this.#showTitle();
  }

  async toggle(): Promise<void> {
    if (this.wanted.store.state) {
      this.wanted.set(false);
      return;
    }
    const permission = await Notification.requestPermission();
    this.wanted.set(permission === 'granted');
    if (permission === 'granted') return;
    this.#options.toasts.show({
      tone: 'error',
      text: 'This browser blocks notifications from this page.',
    });
  }

  launchEnded(node: Node): void {
    const text = endText(node);
    const path = nodePath(node.id);
    this.#options.toasts.show({
      tone: node.status === 'active' ? 'success' : 'error',
      text,
      link: { to: path, text: 'Show' },
    });
    if (!this.#options.document.hidden) return;
    this.#unseen += 1;
    this.#showTitle();
    if (!this.wanted.store.state || !this.supported || Notification.permission !== 'granted') return;
    const notification = new Notification(text, {
      body: node.failureMessage ?? node.modelName,
      tag: node.id,
    });
    notification.addEventListener('click', () => {
      window.focus();
      this.#options.open(path);
    });
  }

  #markSeen(): void {
    if (this.#options.document.hidden) return;
    this.#unseen = 0;
    this.#showTitle();
  }

  #showTitle(): void {
    this.#options.document.title = this.#unseen > 0 ? `(${this.#unseen}) ${this.#title}` : this.#title;
  }
}

export const [LaunchNotifierContext, useLaunchNotifier] = createService<LaunchNotifier>('LaunchNotifier');

/** Shows the page's name in the tab's title; without a name the title is that of the console. */
export function usePageTitle(name: string | undefined): void {
  const notifier = useLaunchNotifier();
  useEffect(() => notifier.setPage(name), [notifier, name]);
}

function endText(node: Node): string {
  if (node.status === 'active') return `${node.clusterName} is active`;
  const reason = FAILURE_LABELS[node.failureReason ?? 'unknown'];
  return `${node.clusterName}: ${reason.toLowerCase()}`;
}
