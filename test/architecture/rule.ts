import { parseSource, type ImportStatement, type SourceFile } from '../support/source/source-tree.js';

/** What must hold of the sources. Each rule names a file that breaks it: a rule that cannot fail proves nothing. */
export interface ArchitectureRule {
  /** A full sentence. */
  readonly title: string;
  /** The path of each file that breaks the rule, with the reason. */
  readonly offences: (tree: readonly SourceFile[]) => readonly string[];
  /** Violations, each of one file or several, to be planted into the real tree. */
  readonly planted: readonly (readonly SourceFile[])[];
}

/** A violation of one file. */
export function plant(path: string, text: string): readonly SourceFile[] {
  return [parseSource(path, text)];
}

/** A rule about each import statement of the files that `files` selects. */
export function importOffences(
  files: (path: string) => boolean,
  isForbidden: (statement: ImportStatement, file: SourceFile) => boolean,
): ArchitectureRule['offences'] {
  return (tree) =>
    tree
      .filter((file) => files(file.path))
      .flatMap((file) =>
        file.imports
          .filter((statement) => isForbidden(statement, file))
          .map((statement) => `${file.path} imports ${statement.specifier}`),
      );
}

/** A rule about each file that `files` selects. */
export function fileOffences(
  files: (path: string) => boolean,
  isForbidden: (file: SourceFile) => boolean,
): ArchitectureRule['offences'] {
  return (tree) => tree.filter((file) => files(file.path) && isForbidden(file)).map((file) => file.path);
}
