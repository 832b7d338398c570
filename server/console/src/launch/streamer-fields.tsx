import { FlagField } from './flag-field.js';
import type { LaunchFieldsProps } from './launch-form.js';
import { TextField } from './text-field.js';

/** The Run:ai model streamer. Its two settings appear only while it is on. */
export function StreamerFields(props: LaunchFieldsProps) {
  return (
    <>
      <FlagField
        {...props}
        name="useRunaiStreamer"
        label="Run:ai model streamer"
        hint="Streams weights from object storage."
      />
      {props.form.useRunaiStreamer && (
        <>
          <TextField {...props} name="streamerConcurrency" label="Streamer threads" numeric />
          <TextField
            {...props}
            name="streamerMemoryLimit"
            label="Streamer memory, bytes"
            hint="-1 for no limit"
            numeric
          />
        </>
      )}
    </>
  );
}
