import type { LaunchRequest } from '@launchlog/shared/launch-request';
import { quoteShellWord } from '../skypilot/shell-words.js';

/**
 * The version that is installed if a request names none. Upgrade it deliberately: the parser of vLLM's log is made for this
 * one.
 */
export const VLLM_VERSION = '0.33.0';
const PYTHON_VERSION = '3.12';
const UV_VERSION = '0.13.9';
/** The virtual environment on the node, separate from SkyPilot's own Python. */
export const VLLM_HOME = '$HOME/.launchlog/vllm';

/** The oldest driver of NVIDIA that runs programs of a major version of CUDA. */
const DRIVER_OF_CUDA: Readonly<Record<string, number>> = { 11: 450, 12: 525, 13: 580 };
/** The wheels on PyPI are built for CUDA 13 since this version. */
const CUDA_13_SINCE = [0, 33];

/** The script that SkyPilot passes to bash as `setup`: installs vLLM, unless an image brings it. */
export function setupScript(request: LaunchRequest): string {
  return [
    'set -eu',
    'export PATH="$HOME/.local/bin:$PATH"',
    'nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader || true',
    ...(request.image !== undefined && request.vllmVersion === undefined ? [VLLM_OF_IMAGE] : []),
    ...driverCheck(request),
    `command -v uv >/dev/null 2>&1 || python3 -m pip install --user --break-system-packages ${quoteShellWord(`uv==${UV_VERSION}`)}`,
    `test -x "${VLLM_HOME}/bin/python" || uv venv --python ${PYTHON_VERSION} --seed "${VLLM_HOME}"`,
    `uv pip install --python "${VLLM_HOME}/bin/python" ${packages(request).map(quoteShellWord).join(' ')}`,
    '',
  ].join('\n');
}

/** SkyPilot runs the setup as a script of its own, so it may end early. */
const VLLM_OF_IMAGE =
  'if command -v vllm >/dev/null 2>&1; then echo "The image has vLLM"; vllm --version || true; exit 0; fi';

function packages({ useRunaiStreamer, vllmVersion = VLLM_VERSION, vllmIndex }: LaunchRequest): string[] {
  // The extra contains the Run:ai streamer.
  const vllm = useRunaiStreamer ? `vllm[runai]==${vllmVersion}` : `vllm==${vllmVersion}`;
  if (vllmIndex === undefined) return [vllm];
  return [vllm, '--extra-index-url', vllmIndex, '--index-strategy', 'unsafe-best-match'];
}

/** Installing takes minutes, and a driver that is too old fails only afterwards, in words that do not name it. */
function driverCheck({ vllmVersion = VLLM_VERSION, vllmIndex = '' }: LaunchRequest): string[] {
  const cuda = cudaOf(vllmVersion, vllmIndex);
  const driver = cuda === undefined ? undefined : DRIVER_OF_CUDA[cuda];
  if (driver === undefined) return [];
  const message = `error: the NVIDIA driver $driver is too old: vLLM ${vllmVersion} is built for CUDA ${cuda}, which needs driver ${driver} or newer`;
  return [
    'driver=$(nvidia-smi --query-gpu=driver_version --format=csv,noheader 2>/dev/null | head -n 1 || true)',
    `case "\${driver%%.*}" in ""|*[!0-9]*) ;; *) if [ "\${driver%%.*}" -lt ${driver} ]; then echo "${message}" >&2; exit 1; fi ;; esac`,
  ];
}

/** The major version of CUDA, which `cu129` in the version or the index names; undefined if unknown. */
function cudaOf(version: string, index: string): string | undefined {
  const named =
    /(?:^|[+/.-])cu(\d\d)\d(?:$|[/.-])/.exec(version) ?? /(?:^|[+/.-])cu(\d\d)\d(?:$|[/.-])/.exec(index);
  if (named !== null) return named[1];
  if (index !== '') return undefined;
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  const [sinceMajor = 0, sinceMinor = 0] = CUDA_13_SINCE;
  return major > sinceMajor || (major === sinceMajor && minor >= sinceMinor) ? '13' : undefined;
}
