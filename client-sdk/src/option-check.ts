/** What an option must be, in words that follow its name, and whether a value is that. */
interface OptionRule {
  readonly must: string;
  readonly holds: (value: unknown) => boolean;
}

export const TEXT: OptionRule = { must: 'must be a string', holds: (value) => typeof value === 'string' };
export const FUNCTION: OptionRule = {
  must: 'must be a function',
  holds: (value) => typeof value === 'function',
};
export const OBJECT: OptionRule = {
  must: 'must be an object',
  holds: (value) => typeof value === 'object' && value !== null,
};
export const TEXT_OR_FUNCTION: OptionRule = {
  must: 'must be a string, or a function that returns one',
  holds: (value) => TEXT.holds(value) || FUNCTION.holds(value),
};
export const OBJECT_OR_FUNCTION: OptionRule = {
  must: 'must be an object, or a function that returns one',
  holds: (value) => OBJECT.holds(value) || FUNCTION.holds(value),
};
export const MILLISECONDS: OptionRule = {
  must: 'must be a number of milliseconds, 0 or more',
  holds: (value) => typeof value === 'number' && value >= 0,
};
export const SIGNAL: OptionRule = {
  must: 'must be an AbortSignal',
  holds: (value) => OBJECT.holds(value) && 'aborted' in Object(value),
};
export const COUNT: OptionRule = {
  must: 'must be a whole number, 0 or more',
  holds: (value) => Number.isInteger(value) && Number(value) >= 0,
};

/** Throws a TypeError that names an option which does not exist, or whose value cannot be used. */
export function checkOptions(options: object, rules: Readonly<Record<string, OptionRule>>): void {
  if (!OBJECT.holds(options)) throw new TypeError('the options must be an object');
  for (const [name, value] of Object.entries(options)) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (rule === undefined) {
      throw new TypeError(`unknown option '${name}'; the options are ${Object.keys(rules).join(', ')}`);
    }
    if (value !== undefined && !rule.holds(value)) throw new TypeError(`option '${name}' ${rule.must}`);
  }
}

const STREAM_RULES: Readonly<Record<string, OptionRule>> = {
  signal: SIGNAL,
  headers: OBJECT,
  timeoutMs: MILLISECONDS,
  onGap: FUNCTION,
  onEntries: FUNCTION,
  onEvent: FUNCTION,
  onConnection: FUNCTION,
};

/** As `checkOptions`, of what the client itself uses. Filters, and where to start, are the server's to judge. */
export function checkStreamOptions(options: object): void {
  if (!OBJECT.holds(options)) throw new TypeError('the options must be an object');
  const own = Object.entries(options).filter(([name]) => Object.hasOwn(STREAM_RULES, name));
  checkOptions(Object.fromEntries(own), STREAM_RULES);
}
