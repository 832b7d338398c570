import type { Provider } from '@launchlog/shared/launch-request';
import type { LogLevel, LogSource } from '@launchlog/shared/log-entry';
import type { FailureReason, NodeStatus } from '@launchlog/shared/node';
import type { Phase } from '@launchlog/shared/phase';

/** What people read for the words on the wire. A newer server may send words that are not here: show those as they are. */
export const PHASE_LABELS: Readonly<Record<Phase, string>> = {
  queued: 'Queued',
  provisioning: 'Provisioning',
  instance_ready: 'Instance ready',
  installing: 'Installing',
  model_loading: 'Loading model',
  health_check: 'Health check',
  active: 'Active',
  failed: 'Failed',
};

export const STATUS_LABELS: Readonly<Record<NodeStatus, string>> = {
  launching: 'Launching',
  active: 'Active',
  failed: 'Failed',
  terminating: 'Terminating',
  terminated: 'Terminated',
  lost: 'Lost',
};

export const FAILURE_LABELS: Readonly<Record<FailureReason, string>> = {
  no_capacity: 'No capacity',
  quota: 'Quota exceeded',
  credentials: 'Credentials refused',
  setup_failed: 'Setup failed',
  model_load_failed: 'Model did not load',
  unhealthy: 'Never became healthy',
  timeout: 'Took too long',
  cancelled: 'Cancelled',
  interrupted: 'Interrupted',
  unknown: 'Failed',
};

export const LEVEL_LABELS: Readonly<Record<LogLevel, string>> = {
  debug: 'Debug',
  info: 'Info',
  warn: 'Warning',
  error: 'Error',
};

export const SOURCE_LABELS: Readonly<Record<LogSource, string>> = {
  orchestrator: 'Orchestrator',
  skypilot: 'SkyPilot',
  instance: 'Instance',
  vllm: 'vLLM',
  simulator: 'Simulator',
};

export const PROVIDER_LABELS: Readonly<Record<Provider, string>> = {
  aws: 'AWS',
  azure: 'Azure',
  cudo: 'Cudo Compute',
  do: 'DigitalOcean',
  fluidstack: 'Fluidstack',
  gcp: 'Google Cloud',
  hyperbolic: 'Hyperbolic',
  ibm: 'IBM Cloud',
  kubernetes: 'Kubernetes',
  lambda: 'Lambda',
  mithril: 'Mithril',
  nebius: 'Nebius',
  oci: 'Oracle Cloud',
  paperspace: 'Paperspace',
  primeintellect: 'Prime Intellect',
  runpod: 'RunPod',
  scp: 'Samsung Cloud',
  seeweb: 'Seeweb',
  shadeform: 'Shadeform',
  slurm: 'Slurm',
  ssh: 'SSH',
  vast: 'Vast.ai',
  verda: 'Verda',
  vsphere: 'VMware vSphere',
  yotta: 'Yotta',
};
