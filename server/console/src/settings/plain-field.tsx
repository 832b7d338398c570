import { useId } from 'react';

interface PlainFieldProps {
  readonly label: string;
  readonly hint?: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly focused?: boolean;
}

/** A line of text with its label. */
export function PlainField({ label, hint, value, onChange, focused = false }: PlainFieldProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type="text"
        autoComplete="off"
        spellCheck={false}
        data-autofocus={focused ? true : undefined}
        aria-describedby={hint === undefined ? undefined : `${id}-note`}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
      {hint !== undefined && (
        <p id={`${id}-note`} className="field-note">
          {hint}
        </p>
      )}
    </div>
  );
}
