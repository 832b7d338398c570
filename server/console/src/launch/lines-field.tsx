import { useId } from 'react';
import { FieldFrame } from './field-frame.js';
import type { LaunchFieldsProps, TextFieldName } from './launch-form.js';

interface LinesFieldProps extends LaunchFieldsProps {
  readonly name: TextFieldName;
  readonly label: string;
  readonly hint: string;
  readonly rows: number;
}

/** Text of several lines. */
export function LinesField({ form, errors, onChange, name, label, hint, rows }: LinesFieldProps) {
  const id = useId();
  const error = errors[name];
  return (
    <FieldFrame id={id} label={label} hint={hint} error={error} wide>
      <textarea
        id={id}
        className="mono"
        rows={rows}
        value={form[name]}
        autoComplete="off"
        spellCheck={false}
        aria-invalid={error !== undefined}
        aria-describedby={`${id}-note`}
        onChange={(event) => onChange({ [name]: event.target.value })}
      />
    </FieldFrame>
  );
}
