import { createService } from '../state/service.js';
import type { Store } from '../state/store.js';

/** The dialog that is open above the page, if any. Unlike the page, it is not part of the URL. */
export type OpenDialog = 'none' | 'launch' | 'shortcuts';

export const [OpenDialogContext, useOpenDialog] = createService<Store<OpenDialog>>('OpenDialog store');
