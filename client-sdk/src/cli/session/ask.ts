import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import type { CliSession } from './cli-session.js';
import { InterruptedError } from './exit-code.js';

interface Prompt {
  readonly text: string;
  /** Used if the answer is empty. */
  readonly fallback?: string | undefined;
  /** Do not echo the answer. */
  readonly hidden?: boolean | undefined;
  /** Returns what is wrong with an answer; the question is then repeated. */
  readonly fault?: ((answer: string) => string | undefined) | undefined;
  /** Returns why an answer may be a mistake; the person is then asked whether it is meant, and asked again if not. */
  readonly doubt?: ((answer: string) => Promise<string | undefined>) | undefined;
}

/** Asks on standard error, which keeps standard output for results. Repeats the question until there is an answer. */
export async function ask(session: CliSession, question: Prompt): Promise<string> {
  const { stdin, stderr, interrupted } = session.process;
  const hint = question.fallback === undefined ? '' : ` [${question.fallback}]`;
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  for (;;) {
    let given: string | undefined;
    stderr.write(`${question.text}${hint}: `);
    const reader = createInterface({
      input: stdin,
      output: question.hidden === true ? silent : stderr,
      terminal: stdin.isTTY,
    });
    try {
      const answer = (await answerOf(reader, interrupted)).trim() || (question.fallback ?? '');
      if (question.hidden === true) stderr.write('\n');
      const fault = answer === '' ? undefined : question.fault?.(answer);
      if (fault !== undefined) stderr.write(`  ${fault}\n`);
      else if (answer !== '') given = answer;
    } catch (error) {
      // The next output must not continue the line of the question.
      stderr.write('\n');
      throw error;
    } finally {
      reader.close();
    }
    if (given === undefined) continue;
    const doubt = await question.doubt?.(given);
    if (doubt === undefined || (await confirm(session, `  ${doubt} Use it all the same?`))) return given;
  }
}

export async function confirm(session: CliSession, text: string): Promise<boolean> {
  const answer = await ask(session, { text: `${text} (y/n)`, fallback: 'n' });
  return /^y(?:es)?$/i.test(answer);
}

/** The terminal is in raw mode while a line is read: Ctrl-C and Ctrl-D arrive as events of the reader. */
function answerOf(reader: ReturnType<typeof createInterface>, interrupted: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(new InterruptedError());
    reader.once('SIGINT', stop);
    reader.once('close', stop);
    interrupted.addEventListener('abort', stop, { once: true });
    reader.once('line', resolve);
    // Ctrl-C came between two questions.
    if (interrupted.aborted) stop();
  });
}
