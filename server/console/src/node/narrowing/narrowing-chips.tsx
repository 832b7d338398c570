import { useUrl } from '../../router/url-store.js';
import { Icon } from '../../ui/icon.js';
import { narrowingFacts, type Narrowing } from './narrowing.js';

/** What a link has narrowed the list to. A click ends it. */
export function NarrowingChips({ narrowing }: { narrowing: Narrowing }) {
  const url = useUrl();
  const facts = narrowingFacts(narrowing);
  if (facts.length === 0) return undefined;
  return (
    <div className="chips" role="group" aria-label="Narrowed to">
      {facts.map(({ name, text }) => (
        <button
          key={name}
          type="button"
          className="chip chip-narrow"
          aria-label={`${text}: remove`}
          onClick={() => url.patchSearch({ [name]: '' })}
        >
          {text}
          <Icon name="close" size={12} />
        </button>
      ))}
    </div>
  );
}
