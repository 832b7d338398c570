import { useServices } from '../services.js';
import { useStore } from '../ui/store.js';

/** Says that nothing new is heard of nodes, and why. */
export function StaleBanner({ what }: { what: string }) {
  const { problem } = useStore(useServices().nodes.store);
  if (problem === undefined) return undefined;
  return (
    <p className="banner banner-warn" role="status">
      {what} is not up to date: {problem}
    </p>
  );
}
