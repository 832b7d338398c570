import { useCallback, useEffect, useRef, useState } from 'react';
import type { LaunchRequestInput } from '@launchlog/shared/launch-request';
import type { LaunchResult } from '@launchlog/shared/node';
import type { LaunchOptions } from '../resource/nodes.js';
import { useLaunchlogClient } from './client-context.js';
import type { HookOptions } from './use-nodes.js';

export interface Launch {
  /**
   * Launches, and resolves with the node. Rejects with a `LaunchlogApiError`, whose `issues` name the fields of a form; it is
   * also `error`. A launch continues when the component unmounts.
   */
  readonly launch: (request: LaunchRequestInput, options?: LaunchOptions) => Promise<LaunchResult>;
  /** A launch is being sent. */
  readonly isLaunching: boolean;
  /** The result of the last launch. Follow it by `useNode(result?.node.id)` and `useNodeLog(result?.node.id)`. */
  readonly result: LaunchResult | undefined;
  /** Why the last launch was refused; undefined otherwise. */
  readonly error: unknown;
  /** Forgets result and error. */
  readonly reset: () => void;
}

interface LaunchState {
  readonly isLaunching: boolean;
  readonly result: LaunchResult | undefined;
  readonly error: unknown;
}

const IDLE: LaunchState = { isLaunching: false, result: undefined, error: undefined };

/** Launches nodes from a form or a button. */
export function useLaunch(options: Pick<HookOptions, 'client'> = {}): Launch {
  const client = useLaunchlogClient(options.client);
  const [state, setState] = useState(IDLE);
  /** After several launches at once, the last one is shown. */
  const latest = useRef(0);
  useEffect(
    () => () => {
      latest.current += 1;
    },
    [],
  );
  const launch = useCallback(
    async (request: LaunchRequestInput, call?: LaunchOptions) => {
      latest.current += 1;
      const turn = latest.current;
      const show = (next: LaunchState) => {
        if (turn === latest.current) setState(next);
      };
      show({ ...IDLE, isLaunching: true });
      try {
        const result = await client.launch(request, call);
        show({ ...IDLE, result });
        return result;
      } catch (error) {
        show({ ...IDLE, error });
        throw error;
      }
    },
    [client],
  );
  const reset = useCallback(() => {
    latest.current += 1;
    setState(IDLE);
  }, []);
  return { ...state, launch, reset };
}
