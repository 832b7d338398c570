/** REST uses snake_case and tRPC camelCase; the schemas are written once, in camelCase. */
type SnakeCase<Text extends string> = Text extends `${infer Head}${infer Tail}`
  ? `${Head extends Lowercase<Head> ? Head : `_${Lowercase<Head>}`}${SnakeCase<Tail>}`
  : Text;

type SnakeCased<Value> = {
  [Key in keyof Value as Key extends string ? SnakeCase<Key> : Key]: Value[Key];
};

export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
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
