import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { runSky } from './cli-program.js';
import { hurriedClock } from './hurried-clock.js';

/** Waits are shorter by this; a time limit is then still several seconds, which is enough on a busy machine. */
const HURRY = 5;

const PROGRAM = fileURLToPath(new URL('cli-program.sh', import.meta.url));

/**
 * Runs the stand-in for the program `sky` in this process. The program itself is a short script with a process of its
 * own, which can be killed, and which this answers with lines whose first letter names their kind:
 *
 *     lTEXT  prints a line    pTEXT  prints text without a line end    eTEXT  prints an error    xCODE  ends
 */
export class SkypilotProgramHost {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  static async start(): Promise<SkypilotProgramHost> {
    const host = new SkypilotProgramHost();
    host.#server.listen(0, '127.0.0.1');
    await once(host.#server, 'listening');
    return host;
  }

  private constructor() {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => this.#sockets.delete(socket));
      void serve(socket);
    });
  }

  /** How `SkypilotCliOrchestrator` and its parts run the program as a client of the given API server. */
  program(endpoint: string) {
    return {
      executable: PROGRAM,
      environment: {
        PATH: '/usr/bin:/bin',
        SKYPILOT_API_SERVER_ENDPOINT: endpoint,
        SKY_HOST_PORT: String((this.#server.address() as AddressInfo).port),
      },
      clock: hurriedClock(HURRY),
      warn: () => undefined,
    };
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

async function serve(socket: Socket): Promise<void> {
  const gone = new AbortController();
  socket.on('close', () => gone.abort());
  const send = async (text: string) => {
    if (!socket.write(text)) await once(socket, 'drain', { signal: gone.signal });
  };
  const print = (text: string) =>
    send(
      text.replaceAll(/([^\n]*)\n|([^\n]+)$/g, (_, line?: string, part?: string) => {
        return line === undefined ? `p${part}\n` : `l${line}\n`;
      }),
    );
  try {
    const start = await startOf(socket);
    await runSky({ ...start, print, signal: gone.signal });
    socket.end('x0\n');
  } catch (error) {
    const lines = (error instanceof Error ? error.message : String(error)).split('\n');
    socket.end(`${lines.map((line) => `e${line}\n`).join('')}x1\n`);
  }
}

/** Two counts, and that many words and variables, each closed by a NUL. */
function startOf(socket: Socket): Promise<{ words: string[]; environment: Record<string, string> }> {
  return new Promise((resolve) => {
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      const [words = '', variables = '', ...rest] = text.split('\0').slice(0, -1);
      if (variables === '' || rest.length < Number(words) + Number(variables)) return;
      const pairs = rest.slice(Number(words)).map((pair): [string, string] => {
        const end = pair.indexOf('=');
        return [pair.slice(0, end), pair.slice(end + 1)];
      });
      resolve({ words: rest.slice(0, Number(words)), environment: Object.fromEntries(pairs) });
    });
  });
}
