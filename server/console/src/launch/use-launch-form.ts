import { useState } from 'react';
import { useSimulated } from '../node/use-simulated.js';
import type { LaunchForm, LaunchFormErrors } from './launch-form.js';
import type { LaunchTask } from './launch-task.js';

/** The form as it is typed. After a failed check, errors update with each change. */
export function useLaunchForm(task: LaunchTask) {
  const simulated = useSimulated();
  const [form, setForm] = useState<LaunchForm>(task.initial);
  const [errors, setErrors] = useState<LaunchFormErrors>({});
  const sent = simulated ? form : { ...form, simulatorScenario: '' };
  const errorsOf = (next: LaunchForm): LaunchFormErrors => {
    const result = task.read(next);
    return result.ok ? {} : result.errors;
  };
  const change = (patch: Partial<LaunchForm>) => {
    const next = { ...form, ...patch };
    setForm(next);
    if (Object.keys(errors).length > 0) setErrors(errorsOf(next));
  };
  /** Shows what is wrong, and answers whether nothing is. */
  const check = (): boolean => {
    const faults = errorsOf(sent);
    setErrors(faults);
    return Object.keys(faults).length === 0;
  };
  return { form, sent, errors, simulated, change, check };
}
