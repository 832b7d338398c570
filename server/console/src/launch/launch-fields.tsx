import { PROVIDERS, SIMULATOR_SCENARIOS } from '@launchlog/shared/launch-request';
import { AlternativeFields } from './alternative-fields.js';
import { ChoiceField } from './choice-field.js';
import { FlagField } from './flag-field.js';
import type { LaunchFieldsProps } from './launch-form.js';
import { doubts } from './estimate/plausible-place.js';
import type { KnownPlaces } from './estimate/plausible-place.js';
import { MODEL_SUGGESTIONS } from './launch-suggestions.js';
import { SoftwareFields } from './software-fields.js';
import { StreamerFields } from './streamer-fields.js';
import { TextField } from './text-field.js';
import { UpkeepFields } from './upkeep-fields.js';

interface AllFieldsProps extends LaunchFieldsProps {
  readonly simulated: boolean;
  readonly known: KnownPlaces;
}

export function LaunchFields({ simulated, known, ...props }: AllFieldsProps) {
  const doubtful = doubts(props.form, known);
  return (
    <div className="fields">
      {simulated && (
        <ChoiceField
          {...props}
          name="simulatorScenario"
          label="Simulated scenario"
          hint="This server simulates its launches: nothing starts and nothing costs money."
          choices={SIMULATOR_SCENARIOS}
          empty="Server default"
          wide
        />
      )}
      <TextField {...props} name="model" label="Model" suggestions={MODEL_SUGGESTIONS} focused wide />
      <ChoiceField {...props} name="provider" label="Provider" choices={PROVIDERS} />
      <TextField {...props} name="region" label="Region" hint={doubtful.region} suggestions={known.regions} />
      <TextField {...props} name="gpu" label="GPU" hint={doubtful.gpu} suggestions={known.gpus} />
      <TextField {...props} name="gpuCount" label="Number of GPUs" numeric />
      <FlagField
        {...props}
        name="useSpot"
        label="Spot instance"
        hint="Cheaper, but can be reclaimed at any time."
      />
      <TextField {...props} name="deploymentId" label="Deployment" hint="Groups nodes. Optional." />
      <TextField
        {...props}
        name="maxHourlyCost"
        label="At most, US dollars per hour"
        hint="No machine that costs more is taken. Optional."
        numeric
      />
      {props.form.taskYaml === '' && <AlternativeFields {...props} />}
      <UpkeepFields {...props} />
      <details className="more">
        <summary>More settings</summary>
        <div className="fields">
          <MoreFields {...props} />
        </div>
      </details>
    </div>
  );
}

function MoreFields(props: LaunchFieldsProps) {
  return (
    <>
      <TextField {...props} name="diskSize" label="Disk, GB" numeric />
      <TextField {...props} name="tenantId" label="Tenant" hint="Optional." />
      <TextField
        {...props}
        name="tensorParallel"
        label="Tensor parallel"
        hint="Defaults to all GPUs."
        numeric
      />
      <TextField {...props} name="gpuMemoryUtilization" label="GPU memory share" hint="0.1 to 1" numeric />
      <TextField {...props} name="vllmArgs" label="Additional vLLM arguments" wide />
      <StreamerFields {...props} />
      <SoftwareFields {...props} />
      <FlagField
        {...props}
        name="keepOnFailure"
        label="Keep resources on failure"
        hint="For inspection. They keep costing money."
      />
    </>
  );
}
