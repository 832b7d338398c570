import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import type { CliSession } from './cli-session.js';
import { InterruptedError } from './exit-code.js';

export interface Question {
  readonly text: string;
  /** Taken where the answer is empty. */
  readonly fallback?: string | undefined;
  /** The answer is not shown while it is typed. */
  readonly hidden?: boolean | undefined;
}

/** Asks on standard error, so that what a command prints stays what it prints. Asks again until there is an answer. */
export async function ask(session: CliSession, question: Question): Promise<string> {
  const { stdin, stderr, interrupted } = session.process;
  const hint = question.fallback === undefined ? '' : ` [${question.fallback}]`;
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  for (;;) {
    stderr.write(`${question.text}${hint}: `);
    const reader = createInterface({
      input: stdin,
      output: question.hidden === true ? silent : stderr,
      terminal: stdin.isTTY,
    });
    try {
      const answer = (await answerOf(reader, interrupted)).trim() || (question.fallback ?? '');
      if (question.hidden === true) stderr.write('\n');
      if (answer !== '') return answer;
    } catch (error) {
      // What is written next must not stand behind the question.
      stderr.write('\n');
      throw error;
    } finally {
      reader.close();
    }
  }
}

export async function confirm(session: CliSession, text: string): Promise<boolean> {
  const answer = await ask(session, { text: `${text} (y/n)`, fallback: 'n' });
  return /^y(?:es)?$/i.test(answer);
}

/** While a line is read the terminal is in raw mode: Ctrl-C and Ctrl-D come as events of the reader. */
function answerOf(reader: ReturnType<typeof createInterface>, interrupted: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(new InterruptedError());
    reader.once('SIGINT', stop);
    reader.once('close', stop);
    interrupted.addEventListener('abort', stop, { once: true });
    reader.once('line', resolve);
  });
}
