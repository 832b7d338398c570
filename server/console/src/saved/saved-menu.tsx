import type { FormEvent } from 'react';
import { useId, useState } from 'react';
import { Link } from '../router/link.js';
import { useUrl } from '../router/url-store.js';
import { useStore } from '../state/store.js';
import { useCopy } from '../toast/use-copy.js';
import { useToasts } from '../toast/toast-store.js';
import { Button } from '../ui/button.js';
import { Menu } from '../ui/menu.js';
import { SavedDialog } from './saved-dialog.js';
import type { SavedQuestion } from './saved-dialog.js';
import type { SavedSearch } from './saved-searches.js';
import {
  keptSearch,
  SAVED_MAX,
  SAVED_NAME,
  savedLink,
  savedName,
  savedPath,
  useSavedSearches,
  withSaved,
} from './saved-searches.js';

/** The saved searches of this page, and a field to save what it searches for now. */
export function SavedMenu({ path }: { path: string }) {
  const saved = useSavedSearches();
  const own = useStore(saved.store).filter((each) => each.path === path);
  const [asked, setAsked] = useState<SavedQuestion>();
  return (
    <>
      <Menu label="Saved searches" count={own.length}>
        {own.length === 0 && (
          <p className="muted menu-note">None yet. Filter or search, then give it a name.</p>
        )}
        <ul className="saved-list">
          {own.map((each) => (
            <SavedRow key={each.name} saved={each} onAsk={setAsked} />
          ))}
        </ul>
        <SaveForm path={path} onAsk={setAsked} />
      </Menu>
      {asked !== undefined && <SavedDialog question={asked} onClose={() => setAsked(undefined)} />}
    </>
  );
}

interface SavedRowProps {
  readonly saved: SavedSearch;
  readonly onAsk: (question: SavedQuestion) => void;
}

function SavedRow({ saved, onAsk }: SavedRowProps) {
  const url = useUrl();
  const copy = useCopy();
  return (
    <li>
      <Link to={savedPath(saved)}>{saved.name}</Link>
      <Button
        look="quiet"
        icon="link"
        label={`Copy a link to ${saved.name}`}
        onClick={() => copy(savedLink(saved, url.serverUrl), 'Link')}
      />
      <Button
        look="quiet"
        icon="pencil"
        label={`Rename ${saved.name}`}
        onClick={() => onAsk({ kind: 'rename', saved })}
      />
      <Button
        look="quiet"
        icon="close"
        label={`Delete ${saved.name}`}
        onClick={() => onAsk({ kind: 'delete', saved })}
      />
    </li>
  );
}

/** Names the present search. A link that somebody sent has named it already. */
function SaveForm({ path, onAsk }: { path: string; onAsk: SavedRowProps['onAsk'] }) {
  const id = useId();
  const searches = useSavedSearches();
  const url = useUrl();
  const toasts = useToasts();
  const { search } = useStore(url.store);
  const kept = keptSearch(search);
  const sent = search.get(SAVED_NAME) ?? '';
  const save = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const typed = new FormData(event.currentTarget).get('name');
    const name = savedName(typeof typed === 'string' ? typed : '');
    if (name === '') return;
    const added = { name, path, search: kept };
    const known = searches.store.state;
    const same = known.find((each) => each.name === name && each.path === path);
    if (same === undefined && known.length >= SAVED_MAX) {
      const text = `This browser keeps ${SAVED_MAX} searches: delete one before you save another.`;
      toasts.show({ tone: 'error', text });
    } else if (same !== undefined && same.search !== kept) onAsk({ kind: 'replace', saved: added });
    else {
      searches.update((now) => withSaved(now, added));
      url.patchSearch({ [SAVED_NAME]: '' });
      toasts.show({ tone: 'success', text: `Saved as “${name}” in this browser.` });
    }
  };
  if (kept === '') return undefined;
  return (
    <form className="save-form" onSubmit={save} key={sent}>
      <label htmlFor={id}>Save this search as</label>
      <span>
        <input id={id} name="name" defaultValue={sent} maxLength={60} required autoComplete="off" />
        <Button type="submit">Save</Button>
      </span>
    </form>
  );
}
