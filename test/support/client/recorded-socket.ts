import { EventEmitter } from 'node:events';
import { expect } from 'vitest';
import { WebSocket } from 'ws';

/** Takes what both ways of sending put on the wire: `send` of the library, and frames written below it. */
export class RecordingSocket extends EventEmitter {
  readonly readyState = WebSocket.OPEN;
  readonly messages: string[] = [];

  send(text: string): void {
    this.messages.push(text);
  }

  ping(): void {}

  close(): void {}
}

/** Lets everything run that waits for nothing from outside. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** RFC 6455 read back strictly: final, text, not masked, the shortest length form. */
export function readFrames(bytes: Buffer): string[] {
  const texts: string[] = [];
  for (let at = 0; at < bytes.length;) {
    expect(bytes[at]).toBe(0x81);
    const short = bytes[at + 1]!;
    const [header, length] =
      short < 126
        ? [2, short]
        : short === 126
          ? [4, bytes.readUInt16BE(at + 2)]
          : [10, Number(bytes.readBigUInt64BE(at + 2))];
    expect(header).toBe(length < 126 ? 2 : length < 65_536 ? 4 : 10);
    texts.push(bytes.toString('utf8', at + header, at + header + length));
    at += header + length;
  }
  return texts;
}
