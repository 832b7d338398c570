import type { LogEntry } from '@launchlog/shared/log-entry';
import { PHASES } from '@launchlog/shared/phase';
import { localTime } from './local-time.js';
import { neutralise, neutralJson } from './neutralise.js';
import type { Style } from './style.js';

const PHASE_WIDTH = Math.max(...PHASES.map((phase) => phase.length));

export interface LineFormat {
  readonly style: Style;
  readonly json: boolean;
  readonly timestamps: boolean;
  /** Show times in UTC, not in the local time zone. */
  readonly utc?: boolean;
  /** Lines whose message matches any of these are not shown. */
  readonly exclude?: readonly RegExp[];
  /** Global expressions; their matches are marked where there are colours. */
  readonly highlight?: readonly RegExp[];
}

const ESCAPE = /(\u001b\[[0-9;]*m)/;

/** The node that an entry belongs to, if several are shown. */
export interface LineOrigin {
  readonly nodeId: string;
  readonly label: string;
  readonly index: number;
}

/**
 * Formats one entry as a line for people, or as JSON with the fields of the REST API. Returns undefined for a line that is
 * excluded.
 */
export function logLine(entry: LogEntry, format: LineFormat, origin?: LineOrigin): string | undefined {
  if (format.exclude?.some((expression) => expression.test(entry.message)) === true) return undefined;
  if (format.json) {
    return neutralJson(origin === undefined ? entry : { node_id: origin.nodeId, ...entry });
  }
  const { style } = format;
  const parts = [
    ...(origin === undefined ? [] : [style.nth(origin.index, origin.label)]),
    ...(format.timestamps
      ? [style.dim(format.utc === true ? entry.timestamp : localTime(entry.timestamp))]
      : []),
    style.phase(entry.phase, entry.phase.padEnd(PHASE_WIDTH)),
    ...levelMark(entry, style),
    marked(messageOf(entry, style), format),
  ];
  return parts.join('  ');
}

/** Marks matches between escape sequences, never within one. */
function marked(text: string, { highlight = [], style }: LineFormat): string {
  if (highlight.length === 0 || !style.colours) return text;
  const mark = (plain: string) =>
    highlight.reduce(
      (part, expression) =>
        part
          .split(ESCAPE)
          .map((piece, at) =>
            at % 2 === 1 ? piece : piece.replace(expression, (hit) => hit && style.mark(hit)),
          )
          .join(''),
      plain,
    );
  return mark(text);
}

function levelMark(entry: LogEntry, style: Style): string[] {
  if (entry.level === 'info' || entry.level === 'debug') return [];
  return [style.level(entry.level, entry.level === 'warn' ? 'WARN' : 'ERROR')];
}

/** Details are shown for errors only: elsewhere they would drown the log. */
function messageOf(entry: LogEntry, style: Style): string {
  const message = neutralise(entry.message, style.colours);
  const painted = message.includes('\u001b') ? message : style.level(entry.level, message);
  if (entry.level !== 'error' || entry.details === undefined) return painted;
  // A value of several lines repeats what the log has already shown.
  const facts = Object.entries(entry.details)
    .filter(([, value]) => !String(value).includes('\n'))
    .map(([name, value]) => `${name}=${String(value)}`);
  return `${painted}  ${style.dim(neutralise(facts.join(' '), false))}`;
}
