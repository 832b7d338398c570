import type { LaunchFieldsProps } from './launch-form.js';
import { TextField } from './text-field.js';

/** How the model server of a task shows that it serves. They appear only with a task. */
export function ReadyFields(props: LaunchFieldsProps) {
  if (props.form.taskYaml === '') return undefined;
  return (
    <>
      <TextField
        {...props}
        name="readyPath"
        label="Ready when this path answers"
        hint="/health if empty. Without any of these three, it is probed as vLLM is."
      />
      <TextField
        {...props}
        name="readyPort"
        label="On this port"
        hint="8000 if empty. It is opened."
        numeric
      />
      <TextField {...props} name="readyText" label="With this text in the answer" hint="Optional." wide />
    </>
  );
}
