import { gpuMemoryGib, type SimulatedOffer } from './cloud.js';
import type { Stage } from './stage.js';

/** SkyPilot's output, byte for byte as its API server sends it in `console` format, with colours and control text. */
const RESET = '\u001b[0m';
const DIM = '\u001b[2m';
const BOLD = '\u001b[1m';
const GREEN = '\u001b[32m';
const RED = '\u001b[31m';
const YELLOW = '\u001b[33m';

export function playOptimizer(stage: Stage, offer: SimulatedOffer): void {
  spinner(stage, 'Optimizing');
  stage.wait(1);
  spinner(stage, 'Checking infra choices...');
  stage.wait(2);
  table(stage, offer);
  stage.wait(0.5);
  spinner(stage, 'Launching');
  stage.wait(1);
}

export function playRefusal(stage: Stage, offer: SimulatedOffer): void {
  launchingOn(stage, offer);
  stage.wait(8);
  const { cloud, region, gpus } = offer;
  const pid = stage.random.whole(10_000, 30_000);
  print(
    stage,
    `${DIM}W ${clock(stage)} PID=${pid} instance.py:125] run_instances error: ${cloudWords(stage, offer)}${RESET}`,
  );
  const [name = '', count = '1'] = gpus.split(':');
  print(
    stage,
    `sky.exceptions.ResourcesUnavailableError: Failed to acquire resources in all zones in ${region} for {${cloud}({'${name}': ${count}})}. `,
  );
  print(stage, '');
}

export function playTryingOthers(stage: Stage, next: SimulatedOffer): void {
  print(stage, `${RESET}${YELLOW}↺${RESET} Trying other potential resources.`);
  spinner(stage, 'Looking for resources');
  stage.wait(3);
  table(stage, next);
  spinner(stage, 'Looking for resources');
  spinner(stage, 'Launching');
  stage.wait(1);
}

export function playInstance(stage: Stage, offer: SimulatedOffer): void {
  launchingOn(stage, offer);
  stage.wait(4);
  spinner(stage, 'Launching - Checking instance status');
  stage.wait(30);
  heartbeat(stage);
  stage.wait(8);
  spinner(stage, 'Launching - Waiting for SSH access');
  stage.wait(18);
  print(stage, `${DIM}└── ${RESET}${DIM}Instance is up.${RESET}`);
  stage.wait(1);
}

export function playSubmission(stage: Stage): void {
  const { clusterName } = stage.launch.spec;
  for (const [at, what] of ['initializing', 'dependencies', 'runtime'].entries()) {
    spinner(stage, `Preparing SkyPilot runtime (${at + 1}/3 - ${what})`);
    stage.wait(11);
  }
  // SkyPilot repeats an old text when its scope ends.
  spinner(stage, 'Launching - Checking instance status');
  print(stage, `${RESET}${GREEN}✓ Cluster launched: ${clusterName}.${RESET}${RESET}${logHint(clusterName)}`);
  print(stage, `${RESET}⚙︎ Syncing files.`);
  spinner(stage, 'Syncing files');
  stage.wait(3);
  spinner(stage, 'Running setup');
  print(stage, `${RESET}${GREEN}✓ Setup detached.${RESET}${RESET}`);
  stage.wait(1);
  spinner(stage, 'Submitting job');
  stage.wait(2);
  print(stage, `${RESET}⚙︎ Job submitted, ID: 1`);
}

function launchingOn(stage: Stage, { cloud, region, zone }: SimulatedOffer): void {
  const place = zone === undefined ? '' : ` (${zone})`;
  const kubernetes = cloud === 'Kubernetes';
  print(stage, `${RESET}⚙︎ Launching on ${cloud}${kubernetes ? '' : ` ${region}`}${RESET}${place}.`);
}

function cloudWords(stage: Stage, { cloud, instance, region, zone }: SimulatedOffer): string {
  if (stage.launch.scenario === 'quota') {
    return cloud === 'AWS'
      ? 'An error occurred (VcpuLimitExceeded) when calling the RunInstances operation: You have requested more vCPU capacity than your current vCPU limit of 0 allows for the instance bucket that the specified instance type belongs to.'
      : `global/quota-exceeded: Quota exceeded for ${instance}`;
  }
  return cloud === 'AWS'
    ? `An error occurred (InsufficientInstanceCapacity) when calling the RunInstances operation (reached max retries: 0): We currently do not have sufficient ${instance} capacity in the Availability Zone you requested (${zone ?? region}).`
    : `instance-operations/launch/insufficient-capacity: Not enough capacity to fulfill launch request for ${instance} in ${region}.`;
}

function table(stage: Stage, offer: SimulatedOffer): void {
  const [gpu = ''] = offer.gpus.split(':');
  const head = ['INFRA', 'INSTANCE', 'vCPUs', 'Mem(GB)', 'GPUS', 'COST ($)', 'CHOSEN'];
  const row = [
    `${offer.cloud} (${offer.region})`,
    `${offer.instance}${offer.spot ? '[Spot]' : ''}`,
    String(offer.vCpus),
    String(offer.memoryGb),
    offer.gpus,
    offer.price.toFixed(2),
    '   ✔',
  ];
  const widths = head.map((name, at) => Math.max(name.length, row[at]?.length ?? 0));
  const format = (cells: readonly string[]) =>
    ` ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('   ')}   `;
  const rule = '-'.repeat(format(head).length);
  print(stage, 'Considered resources (1 node):');
  for (const text of [rule, format(head), rule]) print(stage, text);
  print(stage, format(row).replace('   ✔', `${GREEN}   ✔${RESET}`));
  print(stage, rule);
  if (gpuMemoryGib(gpu) < 20) print(stage, `WARNING: ${gpu} has little memory; large models will not fit.`);
}

/** `11-23 11:22:48.251`, as SkyPilot's logger writes the time. */
function clock(stage: Stage): string {
  return stage.now.toISOString().slice(5, 23).replace('T', ' ');
}

function logHint(clusterName: string): string {
  return `  ${DIM}View logs: ${BOLD}sky logs --provision ${clusterName}${RESET}${RESET}`;
}

function spinner(stage: Stage, text: string): void {
  const { clusterName } = stage.launch.spec;
  payload(stage, `<rich_update>[bold cyan]${text}[/]${logHint(clusterName)}</rich_update>`);
}

function heartbeat(stage: Stage): void {
  payload(stage, '<heartbeat></heartbeat>');
}

function payload(stage: Stage, control: string): void {
  const json = JSON.stringify(control).replaceAll('\u001b', '\\u001b');
  print(stage, `<sky-payload>${json}</sky-payload>`);
}

function print(stage: Stage, text: string): void {
  stage.line('launch', text);
}

/** SkyPilot's last lines when no offer is left. */
export function playExhausted(stage: Stage): void {
  const { clusterName } = stage.launch.spec;
  print(stage, `${RESET}${YELLOW}↺${RESET} Trying other potential resources.`);
  stage.wait(2);
  print(stage, `${RESET}${RED}⨯${RESET} Failed to provision resources.${logHint(clusterName)}`);
}
