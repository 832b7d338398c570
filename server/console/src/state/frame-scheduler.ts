/** Runs the callback once, soon. Call the returned function to cancel it. */
export type FrameScheduler = (callback: () => void) => () => void;

/** A hidden tab draws no frames; this interval replaces them. */
const HIDDEN_FRAME_MS = 250;

/** Runs the callback with the next frame, or after `HIDDEN_FRAME_MS` if the page draws none. */
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
