import { Button } from '../ui/button.js';
import type { ReactNode } from 'react';
import { SearchInput } from '../ui/search-input.js';
import { SettingsTable } from './settings-table.js';
import type { Rows } from './use-rows.js';

/** Fewer rows are seen at a glance. */
const FILTER_FROM = 20;

interface RowsTableProps<Row> {
  readonly rows: Rows<Row>;
  /** In the plural: `Tokens`. */
  readonly label: string;
  /** The last one may be empty: it holds the buttons. */
  readonly columns: readonly string[];
  /** Nothing has arrived yet. */
  readonly isLoading: boolean;
  readonly row: (row: Row) => ReactNode;
}

/** A list that has arrived as a whole, with a filter above it and the rest of its rows below. */
export function RowsTable<Row>({ rows, label, columns, isLoading, row }: RowsTableProps<Row>) {
  const what = label.toLowerCase();
  return (
    <>
      <RowFilter rows={rows} what={what} />
      <SettingsTable label={label} columns={columns} isLoading={isLoading}>
        {rows.drawn.map((each) => row(each))}
      </SettingsTable>
      <MoreRows rows={rows} what={what} />
    </>
  );
}

interface RowToolsProps {
  readonly rows: Rows<unknown>;
  /** In the plural: `tokens`. */
  readonly what: string;
}

/** Finds rows by their words. */
function RowFilter({ rows, what }: RowToolsProps) {
  const { filter, setFilter, matching, total } = rows;
  if (total < FILTER_FROM && filter === '') return undefined;
  return (
    <div className="filters" role="search" aria-label={`Filter the ${what}`}>
      <SearchInput label={`Find ${what}`} value={filter} onChange={setFilter} />
      <span className="muted tabular" role="status">
        {filter === ''
          ? counted(total, what)
          : `${matching.toLocaleString('en-US')} of ${counted(total, what)}`}
      </span>
    </div>
  );
}

/** States how many rows are not drawn, and draws more of them. */
function MoreRows({ rows, what }: RowToolsProps) {
  const { drawn, matching, filter, drawMore } = rows;
  if (matching === 0 && filter !== '') return <p className="empty muted">No {what} match.</p>;
  if (drawn.length >= matching) return undefined;
  return (
    <div className="more-rows">
      <Button onClick={drawMore}>Show more</Button>
      <span className="muted tabular">
        {drawn.length.toLocaleString('en-US')} of {counted(matching, what)} are shown
      </span>
    </div>
  );
}

function counted(count: number, what: string): string {
  return `${count.toLocaleString('en-US')} ${what}`;
}
