import type { KeyboardEvent, Ref } from 'react';
import { Icon } from './icon.js';

interface SearchInputProps {
  readonly ref?: Ref<HTMLInputElement> | undefined;
  readonly label: string;
  readonly value: string;
  readonly invalid?: boolean;
  readonly onChange: (text: string) => void;
  readonly onKeyDown?: (event: KeyboardEvent<HTMLInputElement>) => void;
}

export function SearchInput({ ref, label, value, invalid = false, onChange, onKeyDown }: SearchInputProps) {
  return (
    <span className="search-input">
      <Icon name="search" size={14} />
      <input
        ref={ref}
        type="search"
        aria-label={label}
        placeholder={label}
        value={value}
        aria-invalid={invalid}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          onKeyDown?.(event);
          if (event.key !== 'Escape') return;
          // The browser would clear the field. Escape leaves the field and keeps the search.
          event.preventDefault();
          event.currentTarget.blur();
        }}
      />
    </span>
  );
}
