import { useId } from 'react';
import { FieldFrame } from './field-frame.js';
import type { LaunchFieldsProps, TextFieldName } from './launch-form.js';

interface ChoiceFieldProps extends LaunchFieldsProps {
  readonly name: TextFieldName;
  readonly label: string;
  readonly hint?: string;
  readonly choices: readonly string[];
  /** The label of the empty choice; without it there is no empty choice. */
  readonly empty?: string;
  readonly wide?: boolean;
}

export function ChoiceField({
  form,
  errors,
  onChange,
  name,
  label,
  hint,
  choices,
  empty,
  wide = false,
}: ChoiceFieldProps) {
  const id = useId();
  const error = errors[name];
  return (
    <FieldFrame id={id} label={label} hint={hint} error={error} wide={wide}>
      <select
        id={id}
        className="select"
        value={form[name]}
        aria-invalid={error !== undefined}
        aria-describedby={`${id}-note`}
        onChange={(event) => onChange({ [name]: event.target.value })}
      >
        {empty !== undefined && <option value="">{empty}</option>}
        {choices.map((choice) => (
          <option key={choice} value={choice}>
            {choice}
          </option>
        ))}
      </select>
    </FieldFrame>
  );
}
