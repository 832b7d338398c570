import { ChoiceField } from './choice-field.js';
import type { LaunchFieldsProps } from './launch-form.js';
import { TextField } from './text-field.js';

/** What is done about the node once it is active. */
export function UpkeepFields(props: LaunchFieldsProps) {
  return (
    <details className="more">
      <summary>After the launch</summary>
      <div className="fields">
        <ChoiceField
          {...props}
          name="onLoss"
          label="When the node is lost"
          hint="A relaunch is a new node with the same request."
          choices={['relaunch']}
          empty="Nothing"
        />
        {props.form.onLoss === 'relaunch' && (
          <>
            <TextField
              {...props}
              name="relaunchesPerHour"
              label="Relaunches in an hour"
              hint="At most; 3 if empty."
              numeric
            />
            <TextField
              {...props}
              name="relaunchUnreachableAfter"
              label="Also when unreachable for"
              hint="10m, 2h. Empty: only when it is lost."
            />
          </>
        )}
        <TextField
          {...props}
          name="terminateAfter"
          label="Terminate after"
          hint="45m, 12h, 3d of being active, relaunches included."
        />
        <TextField
          {...props}
          name="terminateWhenIdle"
          label="Terminate when idle for"
          hint="30m without a request to vLLM."
        />
      </div>
    </details>
  );
}
