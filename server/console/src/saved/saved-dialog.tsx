import { useId, useState } from 'react';
import { useUrl } from '../router/url-store.js';
import { useToasts } from '../toast/toast-store.js';
import { ConfirmDialog } from '../ui/confirm-dialog.js';
import { FormDialog } from '../ui/form-dialog.js';
import type { SavedSearch } from './saved-searches.js';
import {
  SAVED_NAME,
  savedName,
  useSavedSearches,
  withoutSaved,
  withRenamed,
  withSaved,
} from './saved-searches.js';

/** What is asked before a saved search changes. To replace, it is the new search of that name. */
export interface SavedQuestion {
  readonly kind: 'rename' | 'delete' | 'replace';
  readonly saved: SavedSearch;
}

interface SavedDialogProps {
  readonly question: SavedQuestion;
  readonly onClose: () => void;
}

export function SavedDialog({ question: { kind, saved }, onClose }: SavedDialogProps) {
  const searches = useSavedSearches();
  const url = useUrl();
  const toasts = useToasts();
  switch (kind) {
    case 'rename':
      return <RenameDialog saved={saved} onClose={onClose} />;
    case 'delete':
      return (
        <ConfirmDialog
          title="Delete this search?"
          action="Delete"
          onClose={onClose}
          onConfirm={() => searches.update((now) => withoutSaved(now, saved))}
        >
          <p>
            <strong>{saved.name}</strong> is kept in this browser alone.
          </p>
        </ConfirmDialog>
      );
    case 'replace':
      return (
        <ConfirmDialog
          title="Replace this search?"
          action="Replace"
          onClose={onClose}
          onConfirm={() => {
            searches.update((now) => withSaved(now, saved));
            url.patchSearch({ [SAVED_NAME]: '' });
            toasts.show({ tone: 'success', text: `Saved as “${saved.name}” in this browser.` });
          }}
        >
          <p>
            <strong>{saved.name}</strong> stands for another search so far.
          </p>
        </ConfirmDialog>
      );
  }
}

function RenameDialog({ saved, onClose }: { saved: SavedSearch; onClose: () => void }) {
  const id = useId();
  const searches = useSavedSearches();
  const [typed, setTyped] = useState(saved.name);
  const [problem, setProblem] = useState<string>();
  const rename = () => {
    const name = savedName(typed);
    const isTaken = searches.store.state.some((each) => each.name === name && each.path === saved.path);
    if (name === '') setProblem('Give it a name.');
    else if (isTaken && name !== saved.name) setProblem(`Another search is called “${name}”.`);
    else {
      searches.update((now) => withRenamed(now, saved, name));
      onClose();
    }
  };
  return (
    <FormDialog
      title="Rename this search"
      action="Rename"
      problem={problem}
      onSubmit={rename}
      onClose={onClose}
    >
      <div className="field">
        <label htmlFor={id}>Name</label>
        <input
          id={id}
          type="text"
          autoComplete="off"
          data-autofocus
          maxLength={60}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
      </div>
    </FormDialog>
  );
}
