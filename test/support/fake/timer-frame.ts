/** A frame of the browser, as tests have it: `callback` runs with the next timer, unless the returned function comes first. */
export function timerFrame(callback: () => void): () => void {
  const timer = setTimeout(callback, 0);
  return () => clearTimeout(timer);
}

/** Resolves when pending microtasks have run, and the callback of a frame that was requested before. */
export function frameDrawn(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 0);
  });
}
