import { useId } from 'react';
import type { FlagFieldName, LaunchFieldsProps } from './launch-form.js';

interface FlagFieldProps extends LaunchFieldsProps {
  readonly name: FlagFieldName;
  readonly label: string;
  readonly hint: string;
}

export function FlagField({ form, onChange, name, label, hint }: FlagFieldProps) {
  const id = useId();
  return (
    <div className="field field-flag">
      <label className="check">
        <input
          type="checkbox"
          checked={form[name]}
          aria-describedby={`${id}-note`}
          onChange={(event) => onChange({ [name]: event.target.checked })}
        />
        {label}
      </label>
      <p id={`${id}-note`} className="field-note">
        {hint}
      </p>
    </div>
  );
}
