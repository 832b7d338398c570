import { Loading } from '../time/loading.js';
import type { CSSProperties, ReactNode } from 'react';

interface SettingsTableProps {
  readonly label: string;
  /** The last one may be empty: it holds the buttons. */
  readonly columns: readonly string[];
  /** Nothing has arrived yet. */
  readonly isLoading: boolean;
  readonly children: ReactNode;
}

export function SettingsTable({ label, columns, isLoading, children }: SettingsTableProps) {
  return (
    <div className="table-frame" role="region" aria-label={label} tabIndex={0}>
      <table className="table cards-table" aria-busy={isLoading} style={titlesOf(columns)}>
        <thead>
          <tr>
            {columns.map((title) => (
              <th key={title} scope="col">
                {title === '' ? <span className="hidden">Actions</span> : title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
      {isLoading && <Loading what={label.toLowerCase()} />}
    </div>
  );
}

/** The titles for the style of phones, which shows each one before its value: `--title-1: "Name"`. */
function titlesOf(columns: readonly string[]): CSSProperties {
  return Object.fromEntries(columns.map((title, index) => [`--title-${index + 1}`, JSON.stringify(title)]));
}
