import { Document, parseAllDocuments, Scalar, visit } from 'yaml';
import { EscapedText, escapedTextTag } from '../task/escaped-text.js';

/** Values of YAML, without types that only Python knows. */
export type TaskValue = string | number | boolean | null | readonly TaskValue[] | TaskConfig;
export interface TaskConfig {
  readonly [name: string]: TaskValue;
}

/** The text is not a task. The message follows the name of the field: "must be one task". */
export class TaskYamlError extends Error {
  /** The field of the request at fault. */
  readonly field: 'taskYaml' | 'secrets' | 'envs' | 'provider' | 'region' | 'gpu' | 'useSpot';

  constructor(
    message: string,
    field: TaskYamlError['field'] = 'taskYaml',
    options: { cause?: unknown } = {},
  ) {
    super(message, options);
    this.name = 'TaskYamlError';
    this.field = field;
  }
}

/** How often an anchor may be repeated: otherwise a few lines could mean gigabytes. */
const ALIASES_MAX = 100;
const VALUES_MAX = 10_000;
const FAULT_MAX_CHARACTERS = 200;

/** The values of a text in YAML 1.1, which SkyPilot reads. Throws a `TaskYamlError`. */
export function parseTask(text: string): TaskConfig {
  const documents = parseAllDocuments(text, {
    version: '1.1',
    merge: true,
    logLevel: 'silent',
    prettyErrors: true,
  });
  const [document, another] = 'empty' in documents ? [] : documents;
  if (document === undefined || another !== undefined)
    throw new TaskYamlError('must be one task, not several');
  const [fault] = [...document.errors, ...document.warnings];
  if (fault !== undefined) {
    const [words = ''] = fault.message.split('\n');
    throw new TaskYamlError(`must be YAML: ${words.replace(/:$/, '').slice(0, FAULT_MAX_CHARACTERS)}`);
  }
  const value = plainValue(document);
  if (!isMap(value)) throw new TaskYamlError("must be a task with fields such as 'resources' and 'run'");
  return value;
}

function plainValue(document: Document): TaskValue {
  try {
    const value: unknown = document.toJS({ maxAliasCount: ALIASES_MAX });
    return copied(value, { left: VALUES_MAX });
  } catch (cause) {
    if (cause instanceof TaskYamlError) throw cause;
    throw new TaskYamlError('must not repeat its anchors so often', 'taskYaml', { cause });
  }
}

/** Converts to values of JSON: dates and sets of YAML become their text. */
function copied(value: unknown, budget: { left: number }): TaskValue {
  budget.left -= 1;
  if (budget.left < 0) throw new TaskYamlError(`must have at most ${VALUES_MAX} values`);
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (Array.isArray(value)) return value.map((one) => copied(one, budget));
  if (
    typeof value !== 'object' ||
    value instanceof Date ||
    value instanceof Uint8Array ||
    value instanceof Set
  )
    // Each of these has a text of its own, as a date has.
    return String(value as Date);
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, copied(one, budget)]));
}

export function isMap(value: TaskValue | undefined): value is TaskConfig {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Writes the values as YAML that every parser reads alike. */
export function taskText(config: TaskConfig): string {
  const document = new Document(written(config), { customTags: (tags) => [escapedTextTag, ...tags] });
  visit(document, {
    Scalar: (key, node) => {
      if (key === 'value' && node.value instanceof EscapedText && isScript(node.value.text)) {
        const script = new Scalar(node.value.text);
        script.type = Scalar.BLOCK_LITERAL;
        return script;
      }
      return undefined;
    },
  });
  return document.toString({ lineWidth: 0, defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN' });
}

function isScript(text: string): boolean {
  return text.includes('\n') && /^[\x20-\x7e\n]*$/.test(text);
}

function written(value: TaskValue): unknown {
  if (typeof value === 'string') return new EscapedText(value);
  if (Array.isArray(value)) return value.map((one: TaskValue) => written(one));
  if (!isMap(value)) return value;
  return new Map(Object.entries(value).map(([name, one]) => [new EscapedText(name), written(one)]));
}
