const NUL = '\u0000';
const LONE_SURROGATES = /\p{Surrogate}/gu;
const REPLACEMENT = '\ufffd';

/** Replaces NUL and lone surrogates, which PostgreSQL cannot store but people and clouds may send. */
export function storableText(text: string): string {
  return text.replaceAll(NUL, REPLACEMENT).replace(LONE_SURROGATES, REPLACEMENT);
}

/** Does the same for every string in a value that is stored as JSON. */
export function storable<Value>(value: Value): Value {
  const replaced: unknown = JSON.parse(JSON.stringify(value), (_, inner: unknown) =>
    typeof inner === 'string' ? storableText(inner) : inner,
  );
  return replaced as Value;
}
