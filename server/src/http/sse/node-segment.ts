import { notFound } from '@launchlog/shared/error-code';

/** The name of a node in a path. One that cannot be decoded names none. */
export function nodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw notFound('node', segment);
  }
}
