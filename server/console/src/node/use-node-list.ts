import type { NodeListQueryInput } from '@launchlog/sdk';
import { useEffect, useMemo } from 'react';
import { useClient } from '../session/client.js';
import { useSession } from '../session/session-store.js';
import { nextFrame } from '../state/frame-scheduler.js';
import { NodeListStore } from './node-list-store.js';

/** While somebody types, the list waits for this long before it asks the server. */
const TYPING_MS = 150;

/** A list of its own for the page that shows it. */
export function useNodeList(query: NodeListQueryInput): NodeListStore {
  const client = useClient();
  const session = useSession();
  const list = useMemo(
    () =>
      new NodeListStore({ client, schedule: nextFrame, onRefused: (error) => session.noticeRefusal(error) }),
    [client, session],
  );
  const asked = JSON.stringify(query);
  useEffect(() => {
    const show = () => list.show(JSON.parse(asked) as NodeListQueryInput);
    if (list.store.state.counts === undefined) {
      show();
      return;
    }
    const timer = setTimeout(show, TYPING_MS);
    return () => clearTimeout(timer);
  }, [list, asked]);
  useEffect(() => () => list.stop(), [list]);
  return list;
}
