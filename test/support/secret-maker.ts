import { SimulatedRandom } from '@launchlog/server/orchestrator/simulated/random';

const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const UPPER = LOWER.toUpperCase();
const DIGITS = '0123456789';
const WORD = LOWER + UPPER + DIGITS;
const HEX = `${DIGITS}abcdef`;
const URL_SAFE = `${WORD}-_`;

type Draw = (alphabet: string, length: number) => string;

/** Secrets have no place in a repository, not even false ones: these are made when a test runs, always the same. */
const RECIPES = {
  'AWS access key id': (draw: Draw) => `AKIA${draw(`${UPPER}234567`, 16)}`,
  'AWS session key id': (draw: Draw) => `ASIA${draw(`${UPPER}234567`, 16)}`,
  'Google API key': (draw: Draw) => `AIza${draw(URL_SAFE, 35)}`,
  'Google access token': (draw: Draw) => `ya29.${draw(URL_SAFE, 60)}`,
  'Google client secret': (draw: Draw) => `GOCSPX-${draw(URL_SAFE, 28)}`,
  'Azure client secret': (draw: Draw) => `${draw(WORD, 3)}8Q~${draw(WORD, 34)}`,
  'Hugging Face token': (draw: Draw) => `hf_${draw(WORD, 34)}`,
  'OpenAI key': (draw: Draw) => `sk-${draw(WORD, 48)}`,
  'OpenAI project key': (draw: Draw) => `sk-proj-${draw(URL_SAFE, 80)}`,
  'Anthropic key': (draw: Draw) => `sk-ant-api03-${draw(URL_SAFE, 90)}`,
  'Stripe key': (draw: Draw) => `sk_live_${draw(WORD, 24)}`,
  'GitHub token': (draw: Draw) => `ghp_${draw(WORD, 36)}`,
  'GitHub fine-grained token': (draw: Draw) => `github_pat_${draw(WORD, 22)}_${draw(WORD, 59)}`,
  'GitLab token': (draw: Draw) => `glpat-${draw(URL_SAFE, 20)}`,
  'Slack token': (draw: Draw) => `xoxb-${draw(DIGITS, 12)}-${draw(DIGITS, 12)}-${draw(WORD, 24)}`,
  'RunPod key': (draw: Draw) => `rpa_${draw(UPPER + DIGITS, 40)}`,
  'Lambda key': (draw: Draw) => `secret_${draw(LOWER, 8)}_${draw(HEX, 32)}.${draw(WORD, 32)}`,
  'NVIDIA key': (draw: Draw) => `nvapi-${draw(URL_SAFE, 64)}`,
  'Docker token': (draw: Draw) => `dckr_pat_${draw(URL_SAFE, 27)}`,
  'npm token': (draw: Draw) => `npm_${draw(WORD, 36)}`,
  'PyPI token': (draw: Draw) => `pypi-AgEIcHlwaS5vcmc${draw(URL_SAFE, 100)}`,
  'DigitalOcean token': (draw: Draw) => `dop_v1_${draw(HEX, 64)}`,
  'Vault token': (draw: Draw) => `hvs.${draw(URL_SAFE, 90)}`,
  'JSON web token': (draw: Draw) => `eyJ${draw(WORD, 33)}.eyJ${draw(WORD, 60)}.${draw(URL_SAFE, 43)}`,
  'SkyPilot service-account token': (draw: Draw) =>
    `sky_eyJ${draw(WORD, 33)}.eyJ${draw(WORD, 60)}.${draw(URL_SAFE, 43)}`,
} as const;

type SecretKind = keyof typeof RECIPES;

export class SecretMaker {
  readonly kinds = Object.keys(RECIPES) as SecretKind[];
  readonly #random: SimulatedRandom;

  constructor(seed: string) {
    this.#random = new SimulatedRandom(seed);
  }

  make(kind: SecretKind): string {
    return RECIPES[kind](this.#draw);
  }

  privateKey(): { begin: string; body: string[]; end: string } {
    const body = Array.from({ length: 12 }, () => this.#draw(`${WORD}+/`, 64));
    return {
      begin: '-----BEGIN OPENSSH PRIVATE KEY-----',
      body: [...body, `${this.#draw(WORD, 21)}==`],
      end: '-----END OPENSSH PRIVATE KEY-----',
    };
  }

  readonly #draw: Draw = (alphabet, length) =>
    Array.from({ length }, () => alphabet[this.#random.whole(0, alphabet.length - 1)]).join('');
}
