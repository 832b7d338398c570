import { ChoiceField } from './choice-field.js';
import type { LaunchFieldsProps } from './launch-form.js';
import { LinesField } from './lines-field.js';
import { ReadyFields } from './ready-fields.js';
import { TextField } from './text-field.js';

/** What runs on the machine, who may use it, and what it is called at its cloud. */
export function SoftwareFields(props: LaunchFieldsProps) {
  return (
    <>
      <TextField
        {...props}
        name="image"
        label="Docker image"
        hint="Its own vLLM is used if it has one."
        wide
      />
      <TextField {...props} name="vllmVersion" label="vLLM version" />
      <TextField {...props} name="vllmIndex" label="vLLM index" hint="In addition to PyPI." />
      <ChoiceField
        {...props}
        name="endpointAuth"
        label="Key of the endpoint"
        hint="A generated key is shown once. For your own, add the secret VLLM_API_KEY."
        choices={['none', 'generated', 'secret']}
        empty="None"
      />
      <LinesField {...props} name="labels" label="Labels" hint="One name=value a line." rows={2} />
      <LinesField
        {...props}
        name="envs"
        label="Variables"
        hint="One NAME=value a line. They are shown in logs."
        rows={2}
      />
      <LinesField
        {...props}
        name="taskYaml"
        label="Task of your own"
        hint="YAML of SkyPilot. It replaces machine, model and vLLM above."
        rows={6}
      />
      <ReadyFields {...props} />
    </>
  );
}
