import type { TaskConfig, TaskValue } from './task-document.js';
import { isMap } from './task-document.js';

const MODEL_MAX_CHARACTERS = 200;
/** Matches the model in the command lines of known engines. */
const MODEL_ARGUMENTS: readonly RegExp[] = [
  /\bvllm serve (?:--model[= ])?("[^"\n]{1,300}"|'[^'\n]{1,300}'|[^\s-][^\s\\]{0,300})/,
  /--(?:model|model-path|model-id|model_path)[= ]("[^"\n]{1,300}"|'[^'\n]{1,300}'|[^\s-][^\s\\]{0,300})/,
  /\bollama (?:run|pull) ([^\s-][^\s\\;&|]{0,300})/,
];

/** The model that the task serves, for people: by its script, or else the name of the task. */
export function modelOfTask(config: TaskConfig, envs: Readonly<Record<string, string>>): string {
  const script = typeof config['run'] === 'string' ? config['run'].replaceAll(/\\\n\s*/g, ' ') : '';
  const variables = { ...(isMap(config['envs']) ? config['envs'] : {}), ...envs };
  for (const pattern of MODEL_ARGUMENTS) {
    const word = pattern.exec(script)?.[1];
    const model = word === undefined ? undefined : expanded(word, variables);
    if (model !== undefined) return model;
  }
  const { name } = config;
  return typeof name === 'string' && name !== '' ? name.slice(0, MODEL_MAX_CHARACTERS) : 'task';
}

/** Undefined if it holds more than words and known variables. */
function expanded(word: string, variables: Readonly<Record<string, TaskValue>>): string | undefined {
  const text = word
    .replaceAll(/^["']|["']$/g, '')
    .replaceAll(/\$\{(\w+)\}|\$(\w+)/g, (whole, braced?: string, bare?: string) => {
      const value = variables[braced ?? bare ?? ''];
      return typeof value === 'string' || typeof value === 'number' ? String(value) : whole;
    });
  return /^[\w./:@-]+$/.test(text) ? text.slice(0, MODEL_MAX_CHARACTERS) : undefined;
}
