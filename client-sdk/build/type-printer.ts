import ts from 'typescript';
import type { FieldNote } from './field-notes.ts';

/** Texts and numbers, of which the type names no values. */
const PRIMITIVE = /^(?:string|number)(?:\[\])?(?: \| null)?$/;
const ANY_OBJECT = ts.TypeFlags.Object | ts.TypeFlags.Intersection;

/** Undefined where fields are to have no comments. */
type NoteOf = (owner: string | undefined, field: string) => FieldNote | undefined;

interface FieldPlace {
  /** Name of the type that has the field. */
  readonly owner: string | undefined;
  readonly isPrimitive: boolean;
}

/**
 * Writes types as a person would: the output of a schema as plain fields with their comments, and every type that has a
 * name by its name. The checker treats two types with the same members as one, so a type is recognised wherever it appears.
 */
export class TypePrinter {
  readonly #checker: ts.TypeChecker;
  readonly #isPublic: (type: ts.Type) => boolean;
  readonly #noteOf: NoteOf;
  readonly #names = new Map<ts.Type, string>();

  /** `isPublic`: a user of the package has this type, because the language or a published package declares it. */
  constructor(checker: ts.TypeChecker, isPublic: (type: ts.Type) => boolean, noteOf: NoteOf) {
    this.#checker = checker;
    this.#noteOf = noteOf;
    this.#isPublic = isPublic;
  }

  /** The first name of a type stays. */
  name(type: ts.Type, name: string): void {
    if (type.flags & (ANY_OBJECT | ts.TypeFlags.Union) && !this.#names.has(type)) this.#names.set(type, name);
  }

  /** A type with all of its members, even if it has a name. */
  expanded(type: ts.Type): string {
    if (type.isUnion()) return this.#union(type);
    if (this.#isPlainObject(type)) return this.members(type);
    return this.#unnamed(type);
  }

  /** An object's fields in braces. */
  members(type: ts.Type): string {
    const fields = this.#checker
      .getPropertiesOfType(type)
      .map((field) => this.#field(field, this.#names.get(type)));
    const index = this.#checker
      .getIndexInfosOfType(type)
      .map((info) => `[key: ${this.print(info.keyType)}]: ${this.print(info.type)};`);
    return `{\n${[...fields, ...index].join('\n')}\n}`;
  }

  print(type: ts.Type): string {
    return this.#names.get(type) ?? this.#unnamed(type);
  }

  #unnamed(type: ts.Type): string {
    if (type.isUnion()) return this.#union(type);
    if (type.isStringLiteral()) return `'${type.value}'`;
    const alias = this.#standardAlias(type);
    if (alias !== undefined) return alias;
    if (this.#checker.isTupleType(type)) return this.#tuple(type as ts.TypeReference);
    if (this.#checker.isArrayType(type)) return this.#array(type as ts.TypeReference);
    if (this.#isPlainObject(type)) return this.#plainObject(type);
    return this.#reference(type);
  }

  /** `Record<K, V>` and `Partial<T>` say more than their members. */
  #standardAlias(type: ts.Type): string | undefined {
    const name = type.aliasSymbol?.name;
    if (name !== 'Record' && name !== 'Partial') return undefined;
    const given = (type.aliasTypeArguments ?? []).map((argument) => this.print(argument));
    return `${name}<${given.join(', ')}>`;
  }

  #tuple(type: ts.TypeReference): string {
    const items = this.#checker.getTypeArguments(type).map((item) => this.print(item));
    const isReadonly = (type.target as ts.TupleType).readonly;
    return `${isReadonly ? 'readonly ' : ''}[${items.join(', ')}]`;
  }

  #array(type: ts.TypeReference): string {
    const [item] = this.#checker.getTypeArguments(type);
    const text = item === undefined ? 'unknown' : this.print(item);
    const isReadonly = type.symbol.name === 'ReadonlyArray';
    return `${isReadonly ? 'readonly ' : ''}${/[|&\s]/.test(text) ? `(${text})` : text}[]`;
  }

  #plainObject(type: ts.Type): string {
    const [index, ...more] = this.#checker.getIndexInfosOfType(type);
    const fields = this.#checker.getPropertiesOfType(type);
    if (fields.length > 0 || index === undefined || more.length > 0) return this.members(type);
    return `Record<${this.print(index.keyType)}, ${this.print(index.type)}>`;
  }

  /** A generic type of the language or of a package, such as `AsyncIterable<Event>`. */
  #reference(type: ts.Type): string {
    const given =
      type.flags & ts.TypeFlags.Object ? this.#checker.getTypeArguments(type as ts.TypeReference) : [];
    const name = type.symbol?.name;
    if (name === undefined || given.length === 0) return this.#checker.typeToString(type);
    return `${name}<${given.map((argument) => this.print(argument)).join(', ')}>`;
  }

  #union(type: ts.UnionType): string {
    const present = this.#checker.getNonNullableType(type);
    const absent = type.types.filter((member) => member.flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Null));
    const suffix = absent.map((member) => ` | ${this.#checker.typeToString(member)}`).join('');
    if (absent.length > 0) return `${this.print(present)}${suffix}`;
    const members = type.types.filter((member) => !(member.flags & ts.TypeFlags.BooleanLiteral));
    const isBoolean = members.length < type.types.length;
    const texts = [...members.map((member) => this.print(member)), ...(isBoolean ? ['boolean'] : [])];
    return texts.join(' | ');
  }

  #field(field: ts.Symbol, owner: string | undefined): string {
    const isReadonly = field.declarations?.some(
      (declaration) => ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Readonly,
    );
    const isOptional = (field.flags & ts.SymbolFlags.Optional) !== 0;
    const type = this.#checker.getTypeOfSymbol(field);
    const text = this.print(isOptional ? this.#checker.getNonNullableType(type) : type);
    const name = /^\w+$/.test(field.name) ? field.name : JSON.stringify(field.name);
    const head = `${isReadonly === true ? 'readonly ' : ''}${name}`;
    const comment = this.#comment(field, { owner, isPrimitive: PRIMITIVE.test(text) });
    const lines = comment === '' ? '' : `/** ${comment} */\n`;
    const nullable = isOptional && this.#isNullable(type) ? ' | null' : '';
    return `${lines}${head}${isOptional ? '?' : ''}: ${text}${nullable}${isOptional ? ' | undefined' : ''};`;
  }

  /** What the schema states, else what is known of the name; and a value, where the type does not name all of them. */
  #comment(field: ts.Symbol, { owner, isPrimitive }: FieldPlace): string {
    const own = ts.displayPartsToString(field.getDocumentationComment(this.#checker));
    const note = this.#noteOf(owner, field.name);
    if (note === undefined) return '';
    const text = (own === '' ? (note.meaning ?? '') : own).replaceAll(/\s*\n\s*/g, ' ').trim();
    const { example } = note;
    if (!isPrimitive || example === undefined || text.includes(example)) return text;
    const end = /[.!?:…]$/.test(text) ? '' : '.';
    return `${text}${end} Example: \`${example}\`.`;
  }

  #isNullable(type: ts.Type): boolean {
    return type.isUnion() && type.types.some((member) => member.flags & ts.TypeFlags.Null);
  }

  /** A literal, what a schema's type computes, or an interface of ours that has no public name. */
  #isPlainObject(type: ts.Type): boolean {
    return (type.flags & ANY_OBJECT) !== 0 && type.getCallSignatures().length === 0 && !this.#isPublic(type);
  }
}
