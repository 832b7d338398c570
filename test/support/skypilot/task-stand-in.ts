interface TaskFault {
  readonly type: string;
  readonly message: string;
}

/** A SkyPilot API server's judgement of tasks: it finds nothing wrong with them unless a test asks for it. */
export class SkypilotTaskStandIn {
  /** What the next tasks with a name are refused with. */
  readonly faults: TaskFault[] = [];
  /** Clouds that cannot open ports, and clouds without spot machines. */
  readonly without = { ports: new Set<string>(), spot: new Set<string>() };
  /** Questions about tasks are never answered. */
  dumb = false;

  validated(dag: string): TaskFault | undefined {
    const cloud = cloudIn(dag);
    if (/ports"?:/.test(dag) && this.without.ports.has(cloud)) {
      const message = `The following features are not supported by ${cloud}:\n\tFeature     Reason\n\topen_ports  No.`;
      return { type: 'NotSupportedError', message };
    }
    return /name"?: /.test(dag) ? this.faults.shift() : undefined;
  }

  optimized(dag: string): TaskFault | undefined {
    const cloud = cloudIn(dag);
    if (!this.without.spot.has(cloud)) return undefined;
    const message = `Hint: not supported by ${cloud}:\n\tspot_instance  Spot instances are not supported.`;
    return { type: 'ResourcesUnavailableError', message };
  }
}

function cloudIn(dag: string): string {
  return /infra"?: "?(\w+)/.exec(dag)?.[1] ?? '';
}
