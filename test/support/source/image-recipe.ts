interface ImageCopy {
  /** Undefined for the build context. */
  readonly stage: string | undefined;
  readonly from: readonly string[];
  readonly to: string;
}

interface Instruction {
  readonly keyword: string;
  readonly rest: string;
}

/** One stage of a Dockerfile, of the few forms ours uses. */
class ImageStage {
  readonly #instructions: readonly Instruction[];

  constructor(instructions: readonly Instruction[]) {
    this.#instructions = instructions;
  }

  get copies(): ImageCopy[] {
    return this.#all('COPY').map((rest) => {
      const words = rest.split(/\s+/);
      const option = words[0]?.startsWith('--from=') === true ? words.shift() : undefined;
      const to = words.pop() ?? '';
      return { stage: option?.slice('--from='.length), from: words, to };
    });
  }

  get commands(): string[] {
    return this.#all('RUN');
  }

  get environment(): Record<string, string> {
    const pairs = this.#all('ENV').flatMap((rest) => rest.split(/\s+/));
    return Object.fromEntries(pairs.map((pair) => pair.split('=', 2) as [string, string]));
  }

  get user(): string | undefined {
    return this.#all('USER').at(-1);
  }

  get command(): string[] {
    return JSON.parse(this.#all('CMD').at(-1) ?? '[]') as string[];
  }

  get healthCheck(): string[] {
    const [, command = '[]'] = (this.#all('HEALTHCHECK')[0] ?? '').split(/\bCMD\s+/, 2);
    return JSON.parse(command) as string[];
  }

  #all(keyword: string): string[] {
    return this.#instructions.filter((each) => each.keyword === keyword).map(({ rest }) => rest);
  }
}

/** A Dockerfile as its stages, in order. */
export class ImageRecipe {
  readonly #stages: readonly { readonly name: string | undefined; readonly stage: ImageStage }[];

  static parse(text: string): ImageRecipe {
    const lines = text
      .split('\n')
      .filter((line) => !line.startsWith('#'))
      .join('\n')
      .replaceAll(/\\\n\s*/g, ' ')
      .split('\n')
      .filter((line) => line.trim() !== '');
    const stages: { name: string | undefined; instructions: Instruction[] }[] = [];
    for (const line of lines) {
      const [, keyword = '', rest = ''] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
      if (keyword === 'FROM') stages.push({ name: / AS (\S+)$/.exec(rest)?.[1], instructions: [] });
      else stages.at(-1)?.instructions.push({ keyword, rest: rest.trim() });
    }
    return new ImageRecipe(
      stages.map(({ name, instructions }) => ({ name, stage: new ImageStage(instructions) })),
    );
  }

  private constructor(stages: readonly { readonly name: string | undefined; readonly stage: ImageStage }[]) {
    this.#stages = stages;
  }

  stage(name: string): ImageStage {
    const found = this.#stages.find((each) => each.name === name);
    if (found === undefined) throw new Error(`the Dockerfile has no stage ${name}`);
    return found.stage;
  }

  get last(): ImageStage {
    const last = this.#stages.at(-1);
    if (last === undefined) throw new Error('the Dockerfile has no stage');
    return last.stage;
  }
}
