import type { LogEntry } from '@launchlog/shared/log-entry';
import { PHASES } from '@launchlog/shared/phase';
import { neutralise, neutralJson } from './neutralise.js';
import type { Style } from './style.js';

const PHASE_WIDTH = Math.max(...PHASES.map((phase) => phase.length));

export interface LineFormat {
  readonly style: Style;
  readonly json: boolean;
  readonly timestamps: boolean;
}

/** The node that an entry belongs to, if several are shown. */
export interface LineOrigin {
  readonly nodeId: string;
  readonly label: string;
  readonly index: number;
}

/** Formats one entry as a line for people, or as JSON with the fields of the REST API. */
export function logLine(entry: LogEntry, format: LineFormat, origin?: LineOrigin): string {
  if (format.json) {
    return neutralJson(origin === undefined ? entry : { node_id: origin.nodeId, ...entry });
  }
  const { style } = format;
  const parts = [
    ...(origin === undefined ? [] : [style.nth(origin.index, origin.label)]),
    ...(format.timestamps ? [style.dim(entry.timestamp)] : []),
    style.phase(entry.phase, entry.phase.padEnd(PHASE_WIDTH)),
    ...levelMark(entry, style),
    messageOf(entry, style),
  ];
  return parts.join('  ');
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
