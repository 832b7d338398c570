import type { LaunchRequest } from '@launchlog/shared/launch-request';
import { quoteShellWord, splitShellWords } from '../skypilot/shell-words.js';

/** The weights that vLLM loads for a `--load-format`: the first pattern that a file of the model matches. */
const PATTERNS: Readonly<Record<string, readonly string[]>> = {
  auto: ['consolidated*.safetensors', '*.safetensors', '*.bin', '*.pt'],
  hf: ['*.safetensors', '*.bin', '*.pt'],
  safetensors: ['*.safetensors'],
  fastsafetensors: ['*.safetensors'],
  instanttensor: ['*.safetensors'],
  mistral: ['consolidated*.safetensors'],
  bitsandbytes: ['*.safetensors', '*.bin', '*.pt'],
  pt: ['*.pt'],
  npcache: ['*.bin'],
};

/**
 * Returns the part of the run script that downloads the weights and reports bytes, rate and remaining time: vLLM itself
 * downloads in silence. Undefined if the weights do not come from the model hub, or stream into the GPU. See decision 122.
 */
export function weightFetch(request: LaunchRequest, environment: ReadonlySet<string>): string | undefined {
  if (!comesFromHub(request, environment)) return undefined;
  const flags = flagsOf(request.vllmArgs);
  const patterns = PATTERNS[flags.get('--load-format') ?? 'auto'];
  if (patterns === undefined) return undefined;
  const revision = flags.get('--revision');
  const cache = flags.get('--download-dir');
  const command = [
    'hf',
    'download',
    request.model,
    ...(revision === undefined ? [] : ['--revision', revision]),
    ...(cache === undefined ? [] : ['--cache-dir', cache]),
  ];
  const words = [patterns.join(' '), ...command].map(quoteShellWord).join(' ');
  return `python3 - ${words} <<'FETCH' || true\n${FETCH}FETCH\n`;
}

function comesFromHub({ model, useRunaiStreamer }: LaunchRequest, environment: ReadonlySet<string>): boolean {
  if (useRunaiStreamer || environment.has('VLLM_USE_MODELSCOPE') || environment.has('HF_HUB_OFFLINE'))
    return false;
  // Neither a path, nor a bucket, nor a file of quantised weights (`name:Q4_K_M`).
  return /^[\w-][\w.-]*(?:\/[\w.-]+)?$/.test(model);
}

function flagsOf(vllmArgs: string): ReadonlyMap<string, string> {
  const words = splitShellWords(vllmArgs);
  const flags = new Map<string, string>();
  for (const [index, word] of words.entries()) {
    const [name = '', ...value] = word.split('=');
    const flag = name.replaceAll('_', '-');
    if (flag.startsWith('--')) flags.set(flag, value.length > 0 ? value.join('=') : (words[index + 1] ?? ''));
  }
  return flags;
}

/**
 * Chooses the files as vLLM does, and downloads them into its cache with `hf download`. Whatever fails here is left to
 * vLLM, which fails with a better explanation.
 */
const FETCH = `import fnmatch, os, subprocess, sys, time
patterns, command = sys.argv[1].split(), sys.argv[2:]
model = command[2]
options = dict(zip(command[3::2], command[4::2]))
revision, cache = options.get('--revision'), options.get('--cache-dir')

def say(text):
    print(text, flush=True)

def size(count):
    return f'{count / 1e9:.2f}G' if count >= 1e9 else f'{count / 1e6:.1f}M'

def span(seconds):
    minutes, seconds = divmod(int(seconds), 60)
    return f'{minutes:02d}:{seconds:02d}' if minutes < 60 else f'{minutes // 60}:{minutes % 60:02d}:{seconds:02d}'

def unfetched(reason):
    say(f'The weights are not fetched ahead ({" ".join(str(reason).split())[:300]}); vLLM fetches them itself')

def chosen():
    from huggingface_hub import HfApi
    info = HfApi().model_info(model, revision=revision, files_metadata=True)
    sizes = {f.rfilename: f.size or 0 for f in info.siblings if '/' not in f.rfilename}
    for pattern in patterns:
        files = {name: sizes[name] for name in sorted(sizes) if fnmatch.fnmatch(name, pattern)}
        if files:
            return info.sha, files
    return info.sha, {}

def on_disk(folder, end=''):
    total = 0
    for entry in os.scandir(folder) if os.path.isdir(folder) else ():
        if not entry.name.endswith(end):
            continue
        try:
            status = entry.stat()
            total += min(status.st_size, status.st_blocks * 512)
        except OSError:
            pass
    return total

def fetch():
    from huggingface_hub import constants
    sha, files = chosen()
    if not files:
        return
    total, started = sum(files.values()), time.monotonic()
    folder = os.path.join(cache or constants.HF_HUB_CACHE, 'models--' + model.replace('/', '--'))
    here = [name for name in files if os.path.exists(os.path.join(folder, 'snapshots', sha, name))]
    summary = f'{len(files)} file{"s"[:len(files) != 1]}, {size(total)}B'
    if len(here) == len(files):
        return say(f'The weights of {model} are on disk: {summary}, cached')
    say(f'Fetching weights of {model}: {summary}')
    blobs = os.path.join(folder, 'blobs')
    before = on_disk(blobs)
    first = min(total, sum(files[name] for name in here) + on_disk(blobs, '.incomplete'))
    child = subprocess.Popen(
        [*command, *files],
        env=dict(os.environ, HF_HUB_DISABLE_PROGRESS_BARS='1'),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    while True:
        try:
            said, _ = child.communicate(timeout=2)
            break
        except subprocess.TimeoutExpired:
            done = max(0, min(total, first + on_disk(blobs) - before))
            elapsed = time.monotonic() - started
            rate = (done - first) / elapsed
            left = span((total - done) / rate) if rate > 0 else '?'
            percent = 100 * done // total if total else 0
            say(f'Fetching weights: {percent:3.0f}%| {size(done)}/{size(total)} [{span(elapsed)}<{left}, {rate / 1e6:.1f}MB/s]')
    if child.returncode != 0:
        words = [line for line in said.splitlines() if line.strip() and 'Hint:' not in line]
        return unfetched(words[-1] if words else f'hf download ended with {child.returncode}')
    say(f'The weights of {model} are on disk: {summary}, after {time.monotonic() - started:.0f} s')

try:
    try:
        fetch()
    except ImportError:
        named = ['--include', '*.safetensors', '--exclude', 'original/*', '--exclude', 'consolidated*']
        subprocess.run([*command, *named], env=dict(os.environ, TQDM_POSITION='-1'), check=True)
except Exception as error:
    unfetched(str(error) or type(error).__name__)
`;
