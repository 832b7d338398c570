import { useStore } from '../state/store.js';
import { useNodes } from './nodes-store.js';

/** Says that nothing new is heard of nodes, and why. */
export function StaleBanner({ what }: { what: string }) {
  const { problem } = useStore(useNodes().store);
  if (problem === undefined) return undefined;
  return (
    <p className="banner banner-warn" role="status">
      {what} is not up to date: {problem}
    </p>
  );
}
