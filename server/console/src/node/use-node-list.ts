import type { NodeListQueryInput } from '@launchlog/sdk';
import { useNodes as useLiveNodes, type LiveNodes } from '@launchlog/sdk/react';
import { useEffect, useState } from 'react';
import { useSession } from '../session/session-store.js';

/** While somebody types, the list waits for this long before it asks the server. */
const TYPING_MS = 150;

/** A list of its own for the page that shows it. */
export function useNodeList(query: NodeListQueryInput): LiveNodes {
  const session = useSession();
  const [asked, setAsked] = useState(query);
  const text = JSON.stringify(query);
  useEffect(() => {
    const timer = setTimeout(() => setAsked(JSON.parse(text) as NodeListQueryInput), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return useLiveNodes(asked, { onError: (error) => session.noticeRefusal(error) });
}
