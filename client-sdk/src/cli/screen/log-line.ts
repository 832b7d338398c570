import { LOG_LEVELS } from '@launchlog/shared/log-entry';
import type { LogEntry } from '@launchlog/shared/log-entry';
import { PHASES } from '@launchlog/shared/phase';
import { localTime } from './local-time.js';
import { neutralise } from './neutralise.js';
import { streamedText } from './rest-document.js';
import type { Style } from './style.js';

const LEVEL_WIDTH = Math.max(...LOG_LEVELS.map((level) => level.length));
const PHASE_WIDTH = Math.max(...PHASES.map((phase) => phase.length));

/** `wide`: also the time, the level of every line and its source. `json` and `yaml`: as REST has it. `none`: no lines. */
type LineForm = 'text' | 'wide' | 'json' | 'yaml' | 'none';

export interface LineFormat {
  readonly style: Style;
  readonly form: LineForm;
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

/** An entry of a log, or a line that a running node prints, which has no phase. */
type ShownLine = Omit<LogEntry, 'seq' | 'phase'> & { readonly phase?: LogEntry['phase'] };

/**
 * Formats one entry as a line for people, or as JSON with the fields of the REST API. Returns undefined for a line that is
 * excluded.
 */
export function logLine(entry: ShownLine, format: LineFormat, origin?: LineOrigin): string | undefined {
  if (format.exclude?.some((expression) => expression.test(entry.message)) === true) return undefined;
  const { style, form } = format;
  switch (form) {
    case 'none':
      return undefined;
    case 'json':
    case 'yaml':
      return streamedText(origin === undefined ? entry : { node_id: origin.nodeId, ...entry }, form);
    case 'text':
    case 'wide':
      break;
  }
  const parts = [
    ...(origin === undefined ? [] : [style.nth(origin.index, origin.label)]),
    ...(format.timestamps || form === 'wide'
      ? [style.dim(format.utc === true ? entry.timestamp : localTime(entry.timestamp))]
      : []),
    ...(entry.phase === undefined ? [] : [style.phase(entry.phase, entry.phase.padEnd(PHASE_WIDTH))]),
    ...(form === 'wide'
      ? [style.level(entry.level, entry.level.toUpperCase().padEnd(LEVEL_WIDTH)), style.dim(entry.source)]
      : levelMark(entry, style)),
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

function levelMark(entry: ShownLine, style: Style): string[] {
  // What a node prints names its levels itself.
  if (entry.phase === undefined || entry.level === 'info' || entry.level === 'debug') return [];
  return [style.level(entry.level, entry.level === 'warn' ? 'WARN' : 'ERROR')];
}

/** Details are shown for errors only: elsewhere they would drown the log. */
function messageOf(entry: ShownLine, style: Style): string {
  const message = neutralise(entry.message, style.colours);
  const painted = message.includes('\u001b') ? message : style.level(entry.level, message);
  if (entry.level !== 'error' || entry.details === undefined) return painted;
  // A value of several lines repeats what the log has already shown.
  const facts = Object.entries(entry.details)
    .filter(([, value]) => !String(value).includes('\n'))
    .map(([name, value]) => `${name}=${String(value)}`);
  return `${painted}  ${style.dim(neutralise(facts.join(' '), false))}`;
}
