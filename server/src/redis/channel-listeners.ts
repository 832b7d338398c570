import type { ChannelListener } from './channel-listener.js';

/** The listeners of each channel of a subscriber. */
export class ChannelListeners {
  readonly #byChannel = new Map<string, Set<ChannelListener>>();

  /** The channels that have a listener. */
  get channels(): Iterable<string> {
    return this.#byChannel.keys();
  }

  add(channel: string, listener: ChannelListener): void {
    const listeners = this.#byChannel.get(channel) ?? new Set();
    this.#byChannel.set(channel, listeners.add(listener));
  }

  /** Returns whether it was the last one of the channel. */
  remove(channel: string, listener: ChannelListener): boolean {
    const listeners = this.#byChannel.get(channel);
    if (!listeners?.delete(listener) || listeners.size > 0) return false;
    return this.#byChannel.delete(channel);
  }

  deliver(channel: string, message: Buffer): void {
    const listeners = this.#byChannel.get(channel);
    if (listeners !== undefined) for (const listener of listeners) listener.onMessage(message);
  }

  notify(channel: string, call: (listener: ChannelListener) => void): void {
    for (const listener of this.#byChannel.get(channel) ?? []) call(listener);
  }

  clear(): void {
    this.#byChannel.clear();
  }
}
