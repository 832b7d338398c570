/** REST uses snake_case and tRPC camelCase; the schemas are written once, in camelCase. */
type SnakeCase<Text extends string> = Text extends `${infer Head}${infer Tail}`
  ? `${Head extends Lowercase<Head> ? Head : `_${Lowercase<Head>}`}${SnakeCase<Tail>}`
  : Text;

type SnakeCased<Value> = {
  [Key in keyof Value as Key extends string ? SnakeCase<Key> : Key]: Value[Key];
};

/** Names that were converted. There are some hundreds, unless a caller chooses some. */
const KNOWN_NAMES_MAX = 1_000;
const snakeCased = new Map<string, string>();

export function snakeCase(name: string): string {
  const known = snakeCased.get(name);
  if (known !== undefined) return known;
  const converted = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  if (snakeCased.size < KNOWN_NAMES_MAX) snakeCased.set(name, converted);
  return converted;
}

export function camelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** Renames the keys of one object, not those of nested objects, which may be the caller's data. */
export function snakeCaseKeys<Value extends object>(value: Value): SnakeCased<Value> {
  return renameKeys(value, snakeCase) as SnakeCased<Value>;
}

/** The inverse, for input. The schema that parses the result next gives it a type. */
export function camelCaseKeys(value: object): Record<string, unknown> {
  return renameKeys(value, camelCase);
}

function renameKeys(value: object, rename: (name: string) => string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [rename(key), inner]));
}
