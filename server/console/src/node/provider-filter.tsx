import { PROVIDERS } from '@launchlog/shared/launch-request';
import type { NodeQuery } from './node-query.js';

interface ProviderFilterProps {
  readonly query: NodeQuery;
  readonly onChange: (query: NodeQuery) => void;
}

export function ProviderFilter({ query, onChange }: ProviderFilterProps) {
  return (
    <select
      className="select"
      aria-label="Provider"
      value={query.provider ?? ''}
      onChange={(event) =>
        onChange({ ...query, provider: PROVIDERS.find((provider) => provider === event.target.value) })
      }
    >
      <option value="">All providers</option>
      {PROVIDERS.map((provider) => (
        <option key={provider}>{provider}</option>
      ))}
    </select>
  );
}
