import type { ReactNode } from 'react';

interface SettingsTableProps {
  readonly label: string;
  /** The last one may be empty: it holds the buttons. */
  readonly columns: readonly string[];
  readonly busy: boolean;
  readonly children: ReactNode;
}

export function SettingsTable({ label, columns, busy, children }: SettingsTableProps) {
  return (
    <div className="table-frame" role="region" aria-label={label} tabIndex={0}>
      <table className="table" aria-busy={busy}>
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
    </div>
  );
}
