import type { LaunchEstimate } from '@launchlog/shared/cost/launch-estimate';
import { useState } from 'react';
import { useNodesStore } from '../node/nodes-store.js';
import { useSimulated } from '../node/use-simulated.js';
import { useStore } from '../state/store.js';
import { knownPlaces } from './estimate/known-places.js';
import { misplacedNames } from './estimate/plausible-place.js';
import { useEstimate } from './estimate/use-estimate.js';
import type { LaunchForm, LaunchFormErrors } from './launch-form.js';
import type { LaunchTask } from './launch-task.js';

/** The form as it is typed. After a failed check, errors update with each change. */
export function useLaunchForm(task: LaunchTask) {
  const simulated = useSimulated();
  const [form, setForm] = useState<LaunchForm>(task.initial);
  const [errors, setErrors] = useState<LaunchFormErrors>({});
  const sent = simulated ? form : { ...form, simulatorScenario: '' };
  const nodes = useStore(useNodesStore().store).nodes;
  const read = task.read(sent);
  const [latest, setLatest] = useState<LaunchEstimate>();
  const known = knownPlaces(nodes, latest, form.provider);
  const isMisplaced = Object.keys(misplacedNames(sent, known)).length > 0;
  const request = read.ok && !isMisplaced ? read.request : undefined;
  const state = useEstimate(request, setLatest);
  const errorsOf = (next: LaunchForm): LaunchFormErrors => {
    const result = task.read(next);
    return { ...misplacedNames(next, known), ...(result.ok ? {} : result.errors) };
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
  return { form, sent, errors, simulated, known, request, state, change, check };
}
