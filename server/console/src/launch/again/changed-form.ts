import { changedRequest } from '@launchlog/shared/launch-changes';
import type { LaunchChanges, LaunchedRequest } from '@launchlog/shared/launch-changes';
import { launchRequestSchema } from '@launchlog/shared/launch-request';
import type { LaunchRequest } from '@launchlog/sdk';
import type { LaunchForm, LaunchFormErrors } from '../launch-form.js';
import { FIRST_LAUNCH_FORM, formErrors, formValue, launchFormSchema } from '../launch-form.js';

type Request = LaunchedRequest['request'];

/** The request in the words of the form. What the form has no field for stays as it is: see `keptFields`. */
export function formOf(request: Request): LaunchForm {
  const fields = Object.entries(FIRST_LAUNCH_FORM).map(([name, blank]) => {
    const value = (request as Readonly<Record<string, unknown>>)[name];
    return [name, typeof blank === 'boolean' ? value === true : textOf(value)];
  });
  return launchFormSchema.parse(Object.fromEntries(fields));
}

/** The names of the request's fields that the form does not show, and that the new launch has too. */
export function keptFields(request: Request): string[] {
  return Object.keys(request).filter((name) => !(name in FIRST_LAUNCH_FORM));
}

type ChangedForm =
  | {
      readonly ok: true;
      readonly changes: LaunchChanges;
      /** The whole request with the changes. */
      readonly request: LaunchRequest;
    }
  | { readonly ok: false; readonly errors: LaunchFormErrors };

/** What the form changes of the request. `null` stands for a field that was emptied. */
export function readChangedForm(form: LaunchForm, request: Request): ChangedForm {
  const before = formOf(request);
  const changes = Object.fromEntries(
    Object.keys(FIRST_LAUNCH_FORM).flatMap((name) => {
      const field = name as keyof LaunchForm;
      if (form[field] === before[field]) return [];
      return [[name, formValue(field, form[field]) ?? null]];
    }),
  ) as LaunchChanges;
  const parsed = launchRequestSchema.safeParse(changedRequest(request, changes));
  if (!parsed.success) return { ok: false, errors: formErrors(parsed.error, form) };
  return { ok: true, changes, request: parsed.data };
}

function textOf(value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  if (typeof value !== 'object' || value === null) return '';
  return Object.entries(value)
    .map(([name, one]) => `${name}=${String(one)}`)
    .join('\n');
}
