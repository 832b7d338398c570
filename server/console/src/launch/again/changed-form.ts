import { changedRequest } from '@launchlog/shared/launch-changes';
import type { LaunchChanges, LaunchedRequest } from '@launchlog/shared/launch-changes';
import { launchRequestSchema } from '@launchlog/shared/launch-request';
import type { LaunchRequest } from '@launchlog/sdk';
import type { LaunchForm, LaunchFormErrors } from '../launch-form.js';
import { alternativeDrafts } from '../alternative-draft.js';
import { fieldsOfForm } from '../form-fields.js';
import { FIRST_LAUNCH_FORM, launchFormSchema } from '../launch-form.js';
import { minutesText } from '../minutes-text.js';
import { formErrors } from '../read-launch-form.js';

type Request = LaunchedRequest['request'];

/** The request in the words of the form. What the form has no field for stays as it is: see `keptFields`. */
export function formOf(request: Request): LaunchForm {
  const given = request as Readonly<Record<string, unknown>>;
  const fields = Object.entries(FIRST_LAUNCH_FORM).map(([name, blank]) => [
    name,
    typeof blank === 'boolean' ? given[name] === true : textOf(name, given[name]),
  ]);
  const { path = '', port = '', text = '' } = request.ready ?? {};
  return launchFormSchema.parse({
    ...Object.fromEntries(fields),
    onLoss: request.onLoss === 'relaunch' ? request.onLoss : '',
    anyOf: alternativeDrafts(request.anyOf),
    readyPath: path,
    readyPort: String(port),
    readyText: text,
  });
}

/** The names of the request's fields that the form does not show, and that the new launch has too. */
export function keptFields(request: Request): string[] {
  return Object.keys(request).filter((name) => name !== 'ready' && !(name in FIRST_LAUNCH_FORM));
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
  const before = fieldsOfForm(formOf(request));
  const after = fieldsOfForm(form);
  const changed = [...new Set([...before.keys(), ...after.keys()])].filter(
    (name) => JSON.stringify(before.get(name)) !== JSON.stringify(after.get(name)),
  );
  // Another machine would drop the alternatives, which the form shows.
  const elsewhere = changed.some((name) => MACHINE.has(name));
  if (elsewhere && after.has('anyOf') && !changed.includes('anyOf')) changed.push('anyOf');
  const changes = Object.fromEntries(changed.map((name) => [name, after.get(name) ?? null])) as LaunchChanges;
  const parsed = launchRequestSchema.safeParse(changedRequest(request, changes));
  if (!parsed.success) return { ok: false, errors: formErrors(parsed.error, form) };
  return { ok: true, changes, request: parsed.data };
}

function textOf(name: string, value: unknown): string {
  if (typeof value === 'number' && MINUTES.has(name)) return minutesText(value);
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  if (typeof value !== 'object' || value === null) return '';
  return Object.entries(value)
    .map(([key, one]) => `${key}=${String(one)}`)
    .join('\n');
}

const MINUTES: ReadonlySet<string> = new Set([
  'relaunchUnreachableAfter',
  'terminateAfter',
  'terminateWhenIdle',
]);

/** The fields that name one machine. */
const MACHINE: ReadonlySet<string> = new Set(['provider', 'region', 'gpu', 'gpuCount', 'useSpot']);
