import { useId } from 'react';
import { FieldFrame } from './field-frame.js';
import type { LaunchFieldsProps, TextFieldName } from './launch-form.js';

interface TextFieldProps extends LaunchFieldsProps {
  readonly name: TextFieldName;
  readonly label: string;
  readonly hint?: string | undefined;
  readonly suggestions?: readonly string[];
  readonly numeric?: boolean;
  readonly wide?: boolean;
  readonly focused?: boolean;
}

export function TextField(props: TextFieldProps) {
  const { form, errors, onChange, name, label, hint, suggestions, numeric, wide = false, focused } = props;
  const id = useId();
  const error = errors[name];
  return (
    <FieldFrame id={id} label={label} hint={hint} error={error} wide={wide}>
      <input
        id={id}
        type="text"
        inputMode={numeric ? 'decimal' : 'text'}
        value={form[name]}
        data-autofocus={focused}
        autoComplete="off"
        spellCheck={false}
        list={suggestions === undefined ? undefined : `${id}-list`}
        aria-invalid={error !== undefined}
        aria-describedby={`${id}-note`}
        onChange={(event) => onChange({ [name]: event.target.value })}
      />
      {suggestions !== undefined && (
        <datalist id={`${id}-list`}>
          {suggestions.map((suggestion) => (
            <option key={suggestion} value={suggestion} />
          ))}
        </datalist>
      )}
    </FieldFrame>
  );
}
