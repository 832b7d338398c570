import { z } from 'zod';
import { createService } from '../../state/service.js';
import type { StoredValue } from '../../state/stored-value.js';
import { TIME_STYLES } from '../../time/format-time.js';

/** How the reader wants all logs to look. */
export const logPreferencesSchema = z.object({ timeStyle: z.enum(TIME_STYLES), wrap: z.boolean() });
export type LogPreferences = z.infer<typeof logPreferencesSchema>;

export const FIRST_LOG_PREFERENCES: LogPreferences = { timeStyle: 'absolute', wrap: false };

export const [LogPreferencesContext, useLogPreferences] =
  createService<StoredValue<LogPreferences>>('LogPreferences value');
