import type { LogDetails } from '@launchlog/shared/log-entry';
import { inOneLine } from './in-one-line.js';

/** The facts beside a message, quietly behind it. */
export function LogDetailList({ details, wrap }: { details: LogDetails; wrap: boolean }) {
  return Object.entries(details).map(([name, value]) => (
    <span key={name} className="log-detail">
      {` ${name}=${wrap ? String(value) : inOneLine(String(value))}`}
    </span>
  ));
}
