import type { Node } from '@launchlog/sdk';
import type { NodeQuery } from './node-query.js';

interface ProviderFilterProps {
  readonly nodes: readonly Node[];
  readonly query: NodeQuery;
  readonly onChange: (query: NodeQuery) => void;
}

/** Offers the providers of the listed nodes, and the one in the URL. */
export function ProviderFilter({ nodes, query, onChange }: ProviderFilterProps) {
  const providers = [...new Set(nodes.map((node) => node.provider))].sort();
  if (query.provider !== undefined && !providers.includes(query.provider)) providers.push(query.provider);
  return (
    <select
      className="select"
      aria-label="Provider"
      value={query.provider ?? ''}
      onChange={(event) =>
        onChange({ ...query, provider: providers.find((provider) => provider === event.target.value) })
      }
    >
      <option value="">All providers</option>
      {providers.map((provider) => (
        <option key={provider}>{provider}</option>
      ))}
    </select>
  );
}
