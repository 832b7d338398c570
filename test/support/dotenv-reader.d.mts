/** See `dotenv-reader.mjs`, which the stand-in for `sky` runs as it is. */
export function valuesOf(
  text: string,
  environment: Readonly<Record<string, string | undefined>>,
  version?: 'older' | 'newer',
): Record<string, string>;
