/** Receives the messages of one subscription. None of these methods may throw. */
export interface ChannelListener {
  onMessage(message: string): void;
  /** Messages may be lost from now on. */
  onInterrupted(): void;
  /** Messages arrive again. The listener must find out what it missed. */
  onResumed(): void;
}
