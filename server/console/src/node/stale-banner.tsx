import { useStore } from '../state/store.js';
import { useNodesStore } from './nodes-store.js';

/** Warns that the nodes shown may be out of date, with the reason. */
export function StaleBanner({ subject }: { subject: string }) {
  const { problem } = useStore(useNodesStore().store);
  if (problem === undefined) return undefined;
  return (
    <p className="banner banner-warn" role="status">
      {subject} is out of date: {problem}
    </p>
  );
}
