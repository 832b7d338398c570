import { useState, type ReactNode } from 'react';
import type { Node } from '@launchlog/sdk';
import { RuntimeOutput } from './runtime-output.js';

interface NodeOutputProps {
  readonly node: Node;
  /** The log of the launch. */
  readonly children: ReactNode;
}

/** The log of the launch and, beside it, what an active node prints now. */
export function NodeOutput({ node, children }: NodeOutputProps) {
  const [chosen, choose] = useState<'launch' | 'runtime'>('launch');
  if (node.status !== 'active') return children;
  const shown = chosen === 'runtime' ? <RuntimeOutput nodeId={node.id} /> : children;
  return (
    <div className="node-output">
      <div className="node-output-choice" role="group" aria-label="Which output">
        <Choice chosen={chosen === 'launch'} onChoose={() => choose('launch')}>
          Launch log
        </Choice>
        <Choice chosen={chosen === 'runtime'} onChoose={() => choose('runtime')}>
          Output now
        </Choice>
      </div>
      {shown}
    </div>
  );
}

interface ChoiceProps {
  readonly chosen: boolean;
  readonly onChoose: () => void;
  readonly children: string;
}

function Choice({ chosen, onChoose, children }: ChoiceProps) {
  return (
    <button type="button" className="choice" aria-pressed={chosen} onClick={onChoose}>
      {children}
    </button>
  );
}
