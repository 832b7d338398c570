const NUL = '\u0000';
const LONE_SURROGATES = /\p{Surrogate}/gu;
const REPLACEMENT = '\ufffd';

/** PostgreSQL stores neither NUL nor half a character; what people and clouds say may hold both. */
export function storableText(text: string): string {
  return text.replaceAll(NUL, REPLACEMENT).replace(LONE_SURROGATES, REPLACEMENT);
}

/** The same for every text in a value that is stored as JSON. */
export function storable<Value>(value: Value): Value {
  const replaced: unknown = JSON.parse(JSON.stringify(value), (_, inner: unknown) =>
    typeof inner === 'string' ? storableText(inner) : inner,
  );
  return replaced as Value;
}
