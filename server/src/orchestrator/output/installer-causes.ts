import type { KnownCause } from './known-cause.js';

/** Causes of failures while programs are installed or downloaded. The first match counts. */
export const INSTALLER_CAUSES: readonly KnownCause[] = [
  {
    pattern: /^.{1,300}: (?:command )?not found$/,
    sentence: 'A command was not found:',
    hint: 'Check that the setup installs the program and that PATH has it.',
  },
  {
    pattern: /dpkg frontend lock|Could not get lock/,
    sentence: 'Another program installs packages at the same time:',
    hint: 'Launch again, or let the setup wait: apt-get -o DPkg::Lock::Timeout=300.',
  },
  {
    pattern: /invalid peer certificate|CERTIFICATE_VERIFY_FAILED|certificate (?:verify failed|has expired)/,
    hint: 'A proxy, or the clock of the machine, spoils the certificates: check both, or set SSL_CERT_FILE among the envs.',
  },
  {
    pattern: /DO NOT MATCH THE HASHES|Hash mismatch/i,
    hint: 'The download was damaged, or the package has changed: launch again.',
  },
  {
    pattern:
      /pull access denied|manifest unknown|manifest for .{1,200} not found|unauthorized: |^denied: |toomanyrequests/,
    hint: 'Check the name and tag of the image, and the credentials for its registry.',
  },
  {
    pattern:
      /could not select device driver|Driver\/library version mismatch|Failed to initialize NVML|nvidia-container-cli: |invalid runtime name: nvidia/,
    sentence: 'The driver of the GPU cannot be used:',
    hint: 'Launch again on another machine, or take an image with the NVIDIA driver and its container toolkit.',
  },
  {
    pattern: /could not read Username|Authentication failed for|Permission denied \(publickey\)/,
    hint: 'Give the credentials of the repository among the secrets of the launch.',
  },
  {
    pattern: /repository '.{1,300}' not found|Repository not found/,
    hint: 'Check the address of the repository, and give its credentials among the secrets if it is private.',
  },
  {
    pattern:
      /No solution found when resolving|No matching distribution|Could not find a version|requirements are unsatisfiable|PackagesNotFoundError|has no wheels/,
    hint: 'The requested versions do not fit together or do not exist.',
  },
  {
    pattern: /[Ss]yntax error|unbound variable|unexpected (?:EOF|end of file)/,
    hint: 'Check the commands of the task.',
  },
  {
    pattern: /: Permission denied$/,
    hint: 'The file may not be read or run: set its mode with chmod, or run it with its interpreter.',
  },
  { pattern: /^Conda\w{0,60}Error/, hint: 'Do in the setup what conda asks for.' },
  {
    pattern:
      /Connection refused|Connection reset|Could not resolve host|name resolution|dns error|tls handshake|timed out|Network is unreachable/i,
    hint: 'Check that the machine reaches the internet, and launch again.',
  },
];
