const IMPORTS_MAX = 16;

/** `Failed to import from vllm._C with ImportError("libcudart.so.12: cannot open …")`, a warning of vLLM. */
const FAILED = /^Failed to import from ([\w.]{1,100}):? (?:with )?(\w{1,60}Error)\((["'])(.+)\3\)$/;
const MISSED: readonly RegExp[] = [
  /^ModuleNotFoundError: No module named '([\w.]{1,100})'/,
  /^AttributeError: '_OpNamespace' '(\w{1,100})' object has no attribute/,
];

/** Remembers why modules could not be imported: what misses one of them later only follows from that. */
export class FailedImports {
  readonly #reasons = new Map<string, string>();

  read(message: string): void {
    const [, module, name, , reason] = FAILED.exec(message) ?? [];
    if (module === undefined || reason === undefined || this.#reasons.size >= IMPORTS_MAX) return;
    // It says no more than that the module is missing.
    if (reason.includes(`'${module}'`)) return;
    this.#reasons.set(module, `${name}: ${reason}`);
  }

  /** The text of an exception, after the reason why it was raised. */
  explained(text: string): string {
    const missed = MISSED.map((pattern) => pattern.exec(text)?.[1]).find((name) => name !== undefined);
    if (missed === undefined) return text;
    for (const [module, reason] of this.#reasons) {
      if (module === missed || module.endsWith(`.${missed}`)) return `${reason} (${text})`;
    }
    return text;
  }
}
