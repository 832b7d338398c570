import { Icon } from '../ui/icon.js';
import type { NodeQuery, SortKey } from './node-query.js';

interface SortHeaderProps {
  readonly column: { readonly key: SortKey; readonly label: string; readonly numeric?: boolean };
  readonly query: NodeQuery;
  readonly onChange: (query: NodeQuery) => void;
}

export function SortHeader({ column, query, onChange }: SortHeaderProps) {
  const sorted = query.sort === column.key;
  const direction = query.descending ? 'descending' : 'ascending';
  return (
    <th
      scope="col"
      className={`column-${column.key}${column.numeric ? ' numeric' : ''}`}
      aria-sort={sorted ? direction : undefined}
    >
      <button
        type="button"
        className="sort"
        onClick={() => onChange({ ...query, sort: column.key, descending: sorted && !query.descending })}
      >
        {column.label}
        {sorted && <Icon name={query.descending ? 'chevronDown' : 'chevronUp'} size={12} />}
      </button>
    </th>
  );
}
