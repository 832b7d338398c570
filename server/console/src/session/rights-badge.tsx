import { rightsLabel, rightsText } from './rights.js';
import { useRights } from './session-store.js';

/** Says why some of the page is not there. */
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
