/** How long a test waits for anything: as long as a busy machine may need. */
export const WAIT_MS = 45_000;

/** What the work comes to; an error that names it when it takes far longer than even a busy machine would need. */
export async function within<Value>(what: string, work: Promise<Value>, waitMs = WAIT_MS): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took more than ${waitMs} ms`)), waitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
