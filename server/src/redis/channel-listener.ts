/** Receives the messages of one subscription. None of these methods may throw. */
export interface ChannelListener {
  /** The bytes are good until it returns. */
  onMessage(message: Buffer): void;
  /** Called when messages may be lost from now on. */
  onInterrupted(): void;
  /** Called when messages arrive again. The listener must find out what it missed. */
  onResumed(): void;
}
