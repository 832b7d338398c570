import type { Notice } from '@launchlog/shared/event';
import { MERGED_NODES_MAX } from '@launchlog/shared/merged-log';
import { STORE_BACK, STORE_AWAY, type MergedSource } from './merged-source.js';

/** What a merged stream reports about itself, once for all of its logs. */
export class StreamNotices {
  readonly #away = new Set<MergedSource>();
  readonly #refusing = new Set<MergedSource>();
  readonly #pending: Notice[] = [];
  /** The outage that was reported to the reader and whose end was not. */
  #outage: 'store' | 'refusal' | 'registry' | undefined;
  #beyond = 0;

  get isOutage(): boolean {
    return this.#outage !== undefined;
  }

  /** The state of a log may have changed. */
  heed(source: MergedSource): void {
    if (source.isAway) this.#away.add(source);
    else this.#away.delete(source);
    if (source.refused === undefined) this.#refusing.delete(source);
    else this.#refusing.add(source);
  }

  forget(source: MergedSource): void {
    this.#away.delete(source);
    this.#refusing.delete(source);
  }

  /** Reports the number of live nodes that are not shown, whenever it has changed, also back to 0. */
  beyond(count: number): void {
    if (count === this.#beyond) return;
    this.#beyond = count;
    const message =
      count === 0
        ? 'all live nodes are shown'
        : `${count} more nodes are live: a stream shows ${MERGED_NODES_MAX} at once, and the next as one of them ends`;
    this.#pending.push({ code: 'nodes_waiting', message, count });
  }

  positionIsLost(lost: 'all' | 'end'): void {
    const message =
      lost === 'all'
        ? 'the position of this reader is no longer known: the stream starts over, and lines may come twice or be missing'
        : 'the position of this reader is known only up to some lines ago: these may come twice';
    this.#pending.push({ code: 'place_lost', message });
  }

  storeIsAway(): Notice {
    this.#outage = 'store';
    const message = 'the log store cannot be reached; the logs continue when it is back';
    return { code: STORE_AWAY, message };
  }

  registryIsAway(): Notice {
    this.#outage = 'registry';
    const message = 'the logs or their nodes cannot be read now; the stream continues when they can';
    return { code: 'node_store_unavailable', message };
  }

  /** Takes the notices to send now. `isSettled`: the registry answers. */
  take({ isSettled }: { readonly isSettled: boolean }): readonly Notice[] {
    const change = this.#changeOfOutage(isSettled);
    return [...(change === undefined ? [] : [change]), ...this.#pending.splice(0)];
  }

  #changeOfOutage(isSettled: boolean): Notice | undefined {
    if (this.#away.size > 0) return this.#outage === 'store' ? undefined : this.storeIsAway();
    const [refusing] = this.#refusing;
    if (refusing?.refused !== undefined) {
      if (this.#outage === 'refusal') return undefined;
      this.#outage = 'refusal';
      return refusing.refused;
    }
    if (this.#outage === undefined || !isSettled) return undefined;
    const code = this.#outage === 'registry' ? 'node_store_back' : STORE_BACK;
    this.#outage = undefined;
    return { code, message: 'the stream continues' };
  }
}
