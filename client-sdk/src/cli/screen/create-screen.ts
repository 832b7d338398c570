import type { CliProcess } from '../session/cli-session.js';
import { LiveScreen } from './live-screen.js';
import type { LineFormat } from './log-line.js';
import { PlainScreen } from './plain-screen.js';
import type { Screen } from './screen.js';

const isForPeople = ({ form }: LineFormat): boolean => form === 'text' || form === 'wide';

/** Creates a live screen on a terminal that can move its cursor, and a plain one elsewhere. */
export function createScreen(process: CliProcess, format: LineFormat): Screen {
  const live = process.stdout.isTTY && isForPeople(format) && process.environment['TERM'] !== 'dumb';
  return live
    ? new LiveScreen(process.stdout, process.stderr)
    : new PlainScreen(process.stdout, process.stderr);
}
