import { PROVIDERS } from '@launchlog/shared/launch-request';
import { Choice } from '../ui/choice.js';
import type { NodeQuery } from './node-query.js';

interface ProviderFilterProps {
  readonly query: NodeQuery;
  readonly onChange: (query: NodeQuery) => void;
}

export function ProviderFilter({ query, onChange }: ProviderFilterProps) {
  return (
    <Choice
      label="Provider"
      value={query.provider}
      values={PROVIDERS}
      all="All providers"
      onChange={(provider) => onChange({ ...query, provider })}
    />
  );
}
