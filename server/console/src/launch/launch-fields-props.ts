import type { LaunchForm, LaunchFormErrors } from './launch-form.js';

/** What every field of the launch form is given. */
export interface LaunchFieldsProps {
  readonly form: LaunchForm;
  readonly errors: LaunchFormErrors;
  readonly onChange: (patch: Partial<LaunchForm>) => void;
}
