import type { LaunchRequest } from '@launchlog/sdk';
import { launchRequestSchema } from '@launchlog/shared/launch-request';
import type { z } from 'zod';
import { fieldsOfForm } from './form-fields.js';
import type { LaunchForm, LaunchFormErrors, LaunchFormField } from './launch-form.js';
import { launchFormSchema } from './launch-form.js';

type LaunchFormResult =
  | { readonly ok: true; readonly request: LaunchRequest }
  | { readonly ok: false; readonly errors: LaunchFormErrors };

/** Validates the form with the server's own schema, so that both always agree. */
export function readLaunchForm(form: LaunchForm): LaunchFormResult {
  const parsed = launchRequestSchema.safeParse(Object.fromEntries(fieldsOfForm(form)));
  if (parsed.success) return { ok: true, request: parsed.data };
  return { ok: false, errors: formErrors(parsed.error, form) };
}

/** The first fault of each field. */
export function formErrors(error: z.ZodError, form: LaunchForm): LaunchFormErrors {
  const errors: LaunchFormErrors = {};
  for (const { path, message } of error.issues) {
    const [name, inner, part] = path;
    const field = launchFormSchema.keyof().safeParse(name === 'ready' ? READY_FIELDS[String(inner)] : name);
    if (!field.success) continue;
    if (field.data === 'anyOf') errors.anyOf ??= alternativeFault(message, inner, part);
    else errors[field.data] ??= form[field.data] === '' ? 'is required' : message;
  }
  return errors;
}

const READY_FIELDS: Readonly<Record<string, LaunchFormField>> = {
  path: 'readyPath',
  port: 'readyPort',
  text: 'readyText',
};

function alternativeFault(
  message: string,
  index: PropertyKey | undefined,
  part: PropertyKey | undefined,
): string {
  if (typeof index !== 'number') return message;
  return [`Machine ${index + 1}:`, part, message].filter((word) => word !== undefined).join(' ');
}
