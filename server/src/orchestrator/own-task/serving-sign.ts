import { z } from 'zod';
import type { LaunchRequest } from '@launchlog/shared/launch-request';
import { servedModelNames } from '../skypilot/vllm-command.js';

/** The sign that a model server is ready. */
export type ServingSign =
  /** `/health` answers 200, and `/v1/models` names one of these; any model if there are none. */
  | { readonly kind: 'models'; readonly names: readonly string[] }
  /** The path answers 200 with the text in it. */
  | { readonly kind: 'ready'; readonly path: string; readonly text: string | undefined };

const READY_PATH = '/health';
const modelsSchema = z.object({ data: z.array(z.object({ id: z.string().max(1_000) })) });

/** Throws a `ShellWordsError` where `vllmArgs` cannot be read. */
export function servingSignOf(request: LaunchRequest): ServingSign {
  const { taskYaml, ready } = request;
  if (ready !== undefined) return { kind: 'ready', path: ready.path ?? READY_PATH, text: ready.text };
  // A task serves its model under any name.
  return { kind: 'models', names: taskYaml === undefined ? servedModelNames(request) : [] };
}

/** The names in an answer of `/v1/models`; undefined if that is no list of models. */
export function listedModels(body: string): readonly string[] | undefined {
  try {
    return modelsSchema.parse(JSON.parse(body)).data.map(({ id }) => id);
  } catch {
    return undefined;
  }
}

/** Whether a list of models has one of the expected names. */
export function namesModel(names: readonly string[], listed: readonly string[]): boolean {
  return listed.some((name) => names.length === 0 || names.includes(name));
}

/** What the answer lacks, for people. */
export function missingText(text: string): string {
  return `200, but without the text ${JSON.stringify(text)}`;
}
