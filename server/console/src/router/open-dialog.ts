import { createService } from '../state/service.js';
import type { Store } from '../state/store.js';

/** The dialog that is open above the page, if any. Unlike the page, it is not part of the URL. */
export type OpenDialog =
  | 'none'
  | 'launch'
  | 'shortcuts'
  | 'palette'
  | LaunchAgain
  // The key that was made for an endpoint, which is shown once.
  | { readonly endpointKey: string };

/** The launch of a node, to be launched once more with changes. */
export interface LaunchAgain {
  /** `retry`: the new node refers to the first one. `duplicate`: it is a launch of its own. */
  readonly how: 'retry' | 'duplicate';
  readonly nodeId: string;
  readonly clusterName: string;
}

export const [OpenDialogContext, useOpenDialog] = createService<Store<OpenDialog>>('OpenDialog store');
