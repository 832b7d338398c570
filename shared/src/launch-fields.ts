import { z } from 'zod';
import { oneOf, text, wholeNumber } from './field-rule.js';

/*
 * Fields of a launch that end up in YAML and in scripts. Each allows only what its kind needs, so that no value can be
 * anything else there.
 */

const IMAGE_MAX_CHARACTERS = 255;
const VERSION_MAX_CHARACTERS = 64;
const INDEX_MAX_CHARACTERS = 500;
const NAMES_MAX = 32;
const VALUE_MAX_CHARACTERS = 4_096;
const HOURLY_COST_MAX = 100_000;
const HOURLY_COST_FAULT = `must be more than 0 and at most ${HOURLY_COST_MAX} US dollars per hour`;

/** US dollars per hour. */
export const hourlyCostSchema = z
  .number({ error: HOURLY_COST_FAULT })
  .positive({ error: HOURLY_COST_FAULT })
  .max(HOURLY_COST_MAX, { error: HOURLY_COST_FAULT });

/** A Docker image: `[registry[:port]/]name[:tag][@sha256:digest]`. */
export const imageSchema = text(IMAGE_MAX_CHARACTERS).regex(
  /^(?=[a-z0-9])(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,100}[A-Za-z0-9])?(?::\d{1,5})?\/)?[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@sha256:[a-f0-9]{64})?$/,
  { error: "must be a Docker image such as 'vllm/vllm-openai:v0.33.0'" },
);

/** A version as PEP 440 has them. */
export const vllmVersionSchema = text(VERSION_MAX_CHARACTERS).regex(
  /^\d{1,4}(?:\.\d{1,4}){1,3}(?:(?:a|b|rc)\d{1,4})?(?:\.post\d{1,4})?(?:\.dev\d{1,9})?(?:\+[a-z0-9]+(?:\.[a-z0-9]+)*)?$/,
  { error: "must be a version of vLLM such as '0.33.0' or '0.33.0+cu129'" },
);

/** Where the packages of vLLM come from, in addition to PyPI. */
export const vllmIndexSchema = text(INDEX_MAX_CHARACTERS).regex(
  /^https:\/\/[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?(?::\d{1,5})?(?:\/[A-Za-z0-9._~+-]+)*\/?$/,
  { error: "must be an https URL without credentials such as 'https://wheels.vllm.ai/0.33.0/cu129'" },
);

const VARIABLE = /^[A-Z_][A-Z0-9_]{0,63}$/;

/** Names of environment variables and their values. */
export function variables(value: z.ZodType<string>) {
  return z
    .record(
      z.string().regex(VARIABLE, { error: 'names must look like environment variables (A-Z, 0-9, _)' }),
      value,
      { error: 'must be an object of names and string values' },
    )
    .refine((names) => Object.keys(names).length <= NAMES_MAX, {
      error: `must have at most ${NAMES_MAX} names`,
    });
}

/** What an environment variable can hold, of any length up to the bound. */
export const envsSchema = variables(
  z
    .string({ error: 'values must be strings' })
    .max(VALUE_MAX_CHARACTERS, { error: `values must have at most ${VALUE_MAX_CHARACTERS} characters` })
    .refine((value) => !value.includes('\0') && !/\p{Surrogate}/u.test(value), {
      error: 'values must be text without NUL characters',
    }),
).refine((names) => !Object.keys(names).some((name) => name.startsWith('SKYPILOT_')), {
  error: 'names must not begin with SKYPILOT_, which SkyPilot sets',
});

/** Labels of the machine, as all clouds accept them. */
export const labelsSchema = z
  .record(
    z.string().regex(/^[A-Za-z](?:[A-Za-z0-9._/-]{0,61}[A-Za-z0-9])?$/, {
      error: 'names must be at most 63 letters, digits and . _ - / and begin with a letter',
    }),
    z
      .string({ error: 'values must be strings' })
      .regex(/^(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/, {
        error: 'values must be at most 63 letters, digits and . _ -',
      }),
    { error: 'must be an object of names and string values' },
  )
  .refine((labels) => Object.keys(labels).length <= NAMES_MAX, {
    error: `must have at most ${NAMES_MAX} names`,
  });

const MINUTES: Readonly<Record<string, number>> = { m: 1, h: 60, d: 1_440 };
const YEAR_MINUTES = 366 * 1_440;
const RELAUNCHES_PER_HOUR_MAX = 20;
/** Relaunches in one hour, where the launch names no number. */
export const RELAUNCHES_PER_HOUR = 3;

/** A span in minutes: a number, or text with a unit (`45m`, `12h`, `3d`). It is read as a number. */
function minutes(min: number, max: number) {
  const error = `must be a whole number of minutes from ${min} to ${max}, or a span such as '45m', '12h' or '3d'`;
  return z
    .union([z.int(), z.string().regex(/^[1-9]\d{0,6}[mhd]$/, { error })], { error })
    .transform((sent) => (typeof sent === 'number' ? sent : Number(sent.slice(0, -1)) * unitOf(sent)))
    .pipe(z.number({ error }).min(min, { error }).max(max, { error }));
}

function unitOf(span: string): number {
  return MINUTES[span.slice(-1)] ?? 1;
}

const ON_LOSS = ['none', 'relaunch'] as const;

/** What a launch asks to be done about its node once it is active. */
export const upkeepFields = {
  /** What to do when the node is lost: nothing (`none`, where absent), or launch it again. */
  onLoss: oneOf(ON_LOSS).optional(),
  /** The most relaunches in one hour; 3 where absent. */
  relaunchesPerHour: wholeNumber(1, RELAUNCHES_PER_HOUR_MAX).optional(),
  /** After it has been unreachable for this long, the node is also terminated and launched again. In minutes, or with a unit. */
  relaunchUnreachableAfter: minutes(2, YEAR_MINUTES).optional(),
  /** The node is terminated after it has been active for this long, relaunches included. In minutes, or with a unit. */
  terminateAfter: minutes(1, YEAR_MINUTES).optional(),
  /** The node is terminated after its model server has had no request for this long. In minutes, or with a unit. */
  terminateWhenIdle: minutes(1, YEAR_MINUTES).optional(),
};
