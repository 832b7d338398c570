import { describe, expect, test } from 'vitest';
import { LogRedactor } from '@launchlog/server/redaction/redactor';
import { MASK } from '@launchlog/server/redaction/mask';
import { SecretMaker } from '../../../support/sample/secret-maker.js';

const SEED = 'redactor';
const EACH = 25;

/** How a secret gets into a line. */
const CARRIERS: readonly ((secret: string) => string)[] = [
  (secret) => secret,
  (secret) => `login with ${secret} failed`,
  (secret) => `{"level":"info","value":"${secret}","n":1}`,
  (secret) => `+ curl -H 'X-Token: ${secret}' https://example.com`,
  (secret) => `export THING=${secret}`,
  (secret) => `(${secret})`,
  (secret) => `https://example.com/download?key=${secret}&part=2`,
];

describe('LogRedactor, known formats', () => {
  const secrets = new SecretMaker(SEED);
  const kinds = secrets.kinds.map((kind) => [kind] as const);

  test.each(kinds)('masks every %s of a seeded corpus wherever it stands in a line', (kind) => {
    const redactor = new LogRedactor();
    for (let round = 0; round < EACH; round += 1) {
      const secret = secrets.make(kind);
      for (const carry of CARRIERS) {
        const masked = redactor.redact(carry(secret));
        expect(masked).not.toContain(secret);
        expect(masked).toContain(MASK);
      }
    }
  });

  test.each([
    ['Authorization: Bearer abc.def-ghi_jkl', 'Authorization: Bearer [redacted]'],
    ['authorization: Basic dXNlcjpwYXNz', 'authorization: Basic [redacted]'],
    ['{"Authorization": "token abcdef123456"}', '{"Authorization": "token [redacted]"}'],
    ['proxy-authorization=xyzxyzxyz', 'proxy-authorization=[redacted]'],
    ['using bearer abcdefghijklmnop now', 'using bearer [redacted] now'],
    ['Cookie: session=abc; theme=dark', 'Cookie: [redacted]'],
    ['postgres://user:hunter2@db:5432/x', 'postgres://user:[redacted]@db:5432/x'],
    ['redis://:p@ss:word@cache:6379', 'redis://:[redacted]@cache:6379'],
    ['git clone https://me:secretvalue@github.com/a/b', 'git clone https://me:[redacted]@github.com/a/b'],
    ['password=hunter2', 'password=[redacted]'],
    ['"password": "two words"', '"password": "[redacted]"'],
    ["db_password = 'it'", "db_password = 'it'"],
    ['PGPASSWORD=correcthorse psql', 'PGPASSWORD=[redacted] psql'],
    ['HF_TOKEN=abcdefgh', 'HF_TOKEN=[redacted]'],
    ['{\\"apiKey\\": \\"abcdefgh\\"}', '{\\"apiKey\\": \\"[redacted]\\"}'],
    ['aws_secret_access_key = wJalrXUtnFEMI/K7MDENG', 'aws_secret_access_key = [redacted]'],
    ['client_secret: a1b2c3d4', 'client_secret: [redacted]'],
    ['vllm serve x --api-key abcdefg --port 8000', 'vllm serve x --api-key [redacted] --port 8000'],
    ['tool --hf-token="a b c d"', 'tool --hf-token=[redacted]'],
    [
      'https://acc.blob.core.windows.net/c?sv=1&sig=abcdefghijklmnop%3D',
      'https://acc.blob.core.windows.net/c?sv=1&sig=[redacted]',
    ],
    ['AZURE_OPENAI_KEY=0123456789abcdef', 'AZURE_OPENAI_KEY=[redacted]'],
    ['Ocp-Apim-Subscription-Key: 0123456789abcdef', 'Ocp-Apim-Subscription-Key: [redacted]'],
    ['+ curl -s -u me:hunter22 https://x', '+ curl -s -u me:[redacted] https://x'],
    ['curl --user="me:two words" https://x', 'curl --user="me:[redacted]" https://x'],
    ['docker login -u me -p hunter22 ghcr.io', 'docker login -u me -p [redacted] ghcr.io'],
    ['{"auths":{"x":{"auth":"bWU6aHVudGVyMjI="}}}', '{"auths":{"x":{"auth":"[redacted]"}}}'],
    ['git clone https://0123456789abcdef0123@github.com/a/b', 'git clone https://[redacted]@github.com/a/b'],
    ['password=abc,def)ghi"jkl next', 'password=[redacted] next'],
    ['connect(password=abcd,user=me)', 'connect(password=[redacted],user=me)'],
    ['password="abcd"efgh', 'password="[redacted]"'],
    ['{"password":"ab\\"cd","n":1}', '{"password":"[redacted]","n":1}'],
    [
      "non-default args: {'api_key': ['abcdefgh'], 'n': 1}",
      "non-default args: {'api_key': ['[redacted]'], 'n': 1}",
    ],
    ['if [ $TOKEN == abcdefgh ]', 'if [ $TOKEN == [redacted] ]'],
    ['authToken: abc12345', 'authToken: [redacted]'],
    ['gatewayToken=abc12345', 'gatewayToken=[redacted]'],
    ['PGTOKEN=abc12345', 'PGTOKEN=[redacted]'],
    ['//npm.example/:_auth=bWU6aHVudGVyMjI=', '//npm.example/:_auth=[redacted]'],
    [
      'POST discord.com/api/webhooks/123456789/abcdefghij_klmnopqrst',
      'POST discord.com/api/webhooks/[redacted]',
    ],
    [
      'POST a.webhook.office.com/webhookb2/01234567-89ab-cdef@01234567-89ab-cdef/IncomingWebhook/0',
      'POST a.webhook.office.com/webhookb2/[redacted]',
    ],
    ['AccountName=a;AccountKey=abcdefghijklmnopqrst==;', 'AccountName=a;AccountKey=[redacted];'],
  ])('%j becomes %j', (line, masked) => {
    expect(new LogRedactor().redact(line)).toBe(masked);
  });
});

describe('LogRedactor, the private key', () => {
  const { begin, body, end } = new SecretMaker(SEED).privateKey();

  test('is masked over its lines, and the lines around it and between stay', () => {
    const redactor = new LogRedactor();
    const lines = [
      'before',
      begin,
      ...body.slice(0, 2),
      'INFO a line of something else',
      ...body.slice(2),
      end,
      'after',
    ];
    const masked = lines.map((line) => redactor.redact(line));
    for (const line of body) expect(masked.join('\n')).not.toContain(line);
    expect(masked.filter((line) => line !== MASK)).toEqual([
      'before',
      'INFO a line of something else',
      'after',
    ]);
  });

  test('is masked in one line of JSON, and what follows stays', () => {
    const json = JSON.stringify({ private_key: [begin, ...body, end].join('\n'), client: 'me' });
    const masked = new LogRedactor().redact(json);
    for (const line of body) expect(masked).not.toContain(line);
    expect(masked).toContain('"client":"me"');
  });

  test('that never ends does not hide the log for ever', () => {
    const redactor = new LogRedactor();
    redactor.redact(begin);
    for (let line = 0; line < 300; line += 1) redactor.redact(`line ${line}`);
    const hash = 'a'.repeat(64);
    expect(redactor.redact(hash)).toBe(hash);
  });

  test('in one text leaves the lines that follow alone', () => {
    const redactor = new LogRedactor();
    expect(redactor.redactText(`${begin}\n${body.join('\n')}`)).toBe(MASK);
    expect(redactor.redact('deadbeef')).toBe('deadbeef');
  });
});

describe("LogRedactor, the launch's own values", () => {
  const value = 'p@ss/wörd+1';

  test.each([
    ['as it is', value],
    ['as a URL component', encodeURIComponent(value)],
    ['in base64', Buffer.from(value).toString('base64')],
    ['in base64 for URLs', Buffer.from(value).toString('base64url')],
    ['in the base64 of user:value', Buffer.from(`user:${value}`).toString('base64')],
    ['in the base64 of u:value:tail', Buffer.from(`u:${value}:tail`).toString('base64')],
    ['in hexadecimal', Buffer.from(value).toString('hex')],
    ['in JSON', JSON.stringify({ x: `${value}"` })],
  ])('are masked %s', (_, text) => {
    const masked = new LogRedactor([value]).redact(`x ${text} y`);
    expect(masked).toContain(MASK);
    expect(masked.length).toBeLessThan(`x ${text} y`.length + MASK.length);
    for (const form of [value, encodeURIComponent(value)]) expect(masked).not.toContain(form);
    // No six characters of the encoded value are left in a row.
    const rest = masked.replaceAll(MASK, ' ');
    const core = Buffer.from(value).toString('base64').slice(2, 10);
    expect(rest).not.toContain(core);
  });

  test('of several lines are masked line by line', () => {
    const redactor = new LogRedactor(['first line of it\nsecond line of it']);
    expect(redactor.redact('> second line of it')).toBe(`> ${MASK}`);
  });

  test('that contain one another are masked whole', () => {
    expect(new LogRedactor(['secret', 'secret-long']).redact('a secret-long b')).toBe(`a ${MASK} b`);
  });

  test('that lie within another one show nothing of its end', () => {
    expect(new LogRedactor(['long-secret-value', 'secret']).redact('a long-secret-value b')).toBe(
      `a ${MASK} b`,
    );
  });

  test('that overlap are masked whole', () => {
    expect(new LogRedactor(['abcdef', 'defghi']).redact('x abcdefghi y')).toBe(`x ${MASK} y`);
  });

  test('of fewer than six characters are left: they would mask ordinary words', () => {
    expect(new LogRedactor(['on', '']).redact('on and on')).toBe('on and on');
    expect(new LogRedactor(['on', '']).redact('%6f%6e &#111;&#110;')).toBe('%6f%6e &#111;&#110;');
  });

  test('are masked in details and numbers stay', () => {
    expect(new LogRedactor([value]).redactDetails({ said: value, count: 3 })).toEqual({
      said: MASK,
      count: 3,
    });
  });
});

/** Lines of real launches that look a little like secrets. Not one may be changed. */
const HARMLESS = [
  'INFO 11-23 12:00:00 [kv_cache_utils.py:1324] GPU KV cache size: 23,750 tokens',
  'Maximum concurrency for 4,096 tokens per request: 5.80x',
  "Initializing a V1 LLM engine (v0.20.1) with config: model='meta-llama/Llama-2-7b', tokenizer='meta-llama/Llama-2-7b', skip_tokenizer_init=False, tokenizer_mode=auto, revision=None, max_seq_len=4096, tensor_parallel_size=1, quantization=None, seed=0",
  'max_num_batched_tokens=8192, num_gpu_blocks_override=None, enable_prefix_caching=True',
  'SamplingParams(n=1, stop=[], max_tokens=16, stop_token_ids=[], bad_words=[])',
  'special tokens: bos_token=<s> eos_token=</s> pad_token=<pad> unk_token=<unk>',
  "eos_token: '<|end_of_text|>', pad_token: '<|finetune_right_pad_id|>'",
  'hf_token=None, api_key=None, ssl_keyfile=None',
  'ValueError: Invalid token: unexpected',
  'password: required',
  'Launching on AWS us-east-1 (us-east-1a).',
  'Request 71cd0cad-f53d-437c-86e1-04a432686107 cancelled by user',
  'nvidia-cublas-cu12==12.8.4.1',
  ' + flashinfer-python==0.6.4',
  'Downloading torch (858.1MiB) sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  'Available routes are: /v1/completions, Methods: POST',
  'http://127.0.0.1:8000/v1/models',
  'git clone https://github.com/vllm-project/vllm.git',
  'ssh://host:22/path and s3://bucket/key:with@sign',
  'task-abcdefghijklmnopqrstuvwxyz and disk-0123456789abcdefghij are no keys',
  'Model loading took 24.21 GiB memory and 43.000000 seconds',
  'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 224.00 MiB.',
  'Loading safetensors checkpoint shards: 100% Completed | 6/6 [00:34<00:00, 5.67s/it]',
  'commit 5f1d3a7be0f4c2d8a1b6e9c07f3d2a4b5c6d7e8f',
  'secrets: 3 names, tokens: 12 used, keys: 4 rotated',
  'The secret of life, the token of esteem and the password for nothing',
  '$ rsync -u node:/data/model /data',
  '$ rsync -u "node:/data/a model" /data',
  '$ ssh -l login -p 22022 10.0.0.1',
  'RuntimeError: Failed to SSH to 10.0.0.1 after timeout 600s',
];

test('no line of a launch without a secret is changed: the budget of false positives is zero', () => {
  const redactor = new LogRedactor();
  expect(HARMLESS.map((line) => redactor.redact(line))).toEqual(HARMLESS);
});
