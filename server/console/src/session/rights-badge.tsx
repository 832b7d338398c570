import { rightsLabel, rightsText } from './rights.js';
import { useRights } from './session-store.js';

/** Explains why parts of the page are missing: the token's limits. */
export function RightsBadge() {
  const rights = useRights();
  const label = rightsLabel(rights);
  if (label === undefined) return undefined;
  return (
    <span className="rights" title={rightsText(rights)}>
      {label}
      <span className="hidden">. {rightsText(rights)}</span>
    </span>
  );
}
