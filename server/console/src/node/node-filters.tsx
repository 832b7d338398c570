import type { RefObject } from 'react';
import { STATUS_LABELS } from '@launchlog/sdk';
import type { NodeCounts, NodeStatus } from '@launchlog/sdk';
import { NODE_STATUSES } from '@launchlog/shared/node';
import { Button } from '../ui/button.js';
import { SearchInput } from '../ui/search-input.js';
import type { NodeQuery } from './node-query.js';
import { isFilteringNodes } from './node-query.js';
import { ProviderFilter } from './provider-filter.js';

interface NodeFiltersProps {
  readonly counts: NodeCounts | undefined;
  readonly query: NodeQuery;
  readonly onChange: (query: NodeQuery) => void;
  readonly searchBox?: RefObject<HTMLInputElement | null>;
}

export function NodeFilters({ counts, query, onChange, searchBox }: NodeFiltersProps) {
  const filtering = isFilteringNodes(query);
  const toggle = (status: NodeStatus) => {
    const statuses = new Set(query.statuses);
    if (!statuses.delete(status)) statuses.add(status);
    onChange({ ...query, statuses });
  };
  return (
    <div className="filters" role="search" aria-label="Filter nodes">
      <SearchInput
        ref={searchBox}
        label="Search name, model, region or GPU"
        value={query.text}
        onChange={(text) => onChange({ ...query, text })}
      />
      <div className="chips" role="group" aria-label="Status">
        {NODE_STATUSES.map((status) => (
          <button
            key={status}
            type="button"
            className={`chip chip-${status}`}
            aria-pressed={query.statuses.has(status)}
            onClick={() => toggle(status)}
          >
            {STATUS_LABELS[status]}
            <span className="count">{counts?.statuses[status].toLocaleString('en-US')}</span>
          </button>
        ))}
      </div>
      <ProviderFilter query={query} onChange={onChange} />
      {filtering && (
        <Button
          look="quiet"
          icon="close"
          onClick={() => onChange({ ...query, statuses: new Set(), provider: undefined, text: '' })}
        >
          Clear
        </Button>
      )}
    </div>
  );
}
