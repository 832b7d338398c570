/** Runs the callback once, soon; the function returned takes it back. */
export type FrameScheduler = (callback: () => void) => () => void;

/** In a hidden tab no frame ever comes: there this much time stands for one. */
const HIDDEN_FRAME_MS = 250;

/** With the next frame, or after a moment where the page draws none. */
export const nextFrame: FrameScheduler = (callback) => {
  const cancel = () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
  const run = () => {
    cancel();
    callback();
  };
  const frame = requestAnimationFrame(run);
  const timer = setTimeout(run, HIDDEN_FRAME_MS);
  return cancel;
};
