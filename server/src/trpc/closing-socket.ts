import { WebSocket } from 'ws';

/**
 * Emits `closing` when its closing begins, by a close frame of either side or by `terminate`: nothing may be sent from then on
 * (RFC 6455, section 5.5.1). `close` comes only when the connection is gone. A connection that ends or fails by itself emits so itself.
 */
export class ClosingSocket extends WebSocket {
  /** Also called by the library, for a close frame and for a message that breaks the protocol. */
  override close(code?: number, reason?: string | Buffer): void {
    super.close(code, reason);
    this.emit('closing');
  }

  override terminate(): void {
    super.terminate();
    this.emit('closing');
  }
}
