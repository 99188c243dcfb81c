/** Rows of a file, whatever its format: what parsers and writers keep to. */
import type { Cell, NeutralType, NeutralUnit } from '../contract.ts';
import type { Output } from '../output.ts';
import type { Window } from './window.ts';

export interface FileColumn {
  readonly name: string;
  readonly type: NeutralType;
  /**
   * In a file of documents: `source` is the document itself, which stands in its line as the JSON that it is; `routing` is
   * said only of those that have one. Absent: a value like any other.
   */
  readonly part?: 'source' | 'routing';
}

/** The columns of a unit as a file has them. */
export function fileColumns(
  columns: readonly { readonly name: string }[],
  neutral: NeutralUnit | undefined,
): FileColumn[] {
  return columns.map(({ name }, at): FileColumn => {
    const column = { name, type: neutral?.types[at] ?? ({ kind: 'any' } as const) };
    const part = neutral?.documents ? PARTS[name] : undefined;
    return part === undefined ? column : { ...column, part };
  });
}

const PARTS: Readonly<Record<string, 'source' | 'routing' | undefined>> = { _source: 'source', _routing: 'routing' };

export interface RowWriter {
  /** What stands before the first row. */
  readonly header: Buffer;
  /** Appends the row whose cells begin at `from`. */
  put(out: Output, cells: readonly Cell[], from: number): void;
}

/**
 * Cuts rows out of a window.
 * Columns of a file of ours come with it; those of any other are found while reading, and all its values are text.
 */
export interface RowParser {
  /** Names in order of appearance. */
  readonly names: readonly string[];
  /**
   * Reads the next row into `row`, by column (undefined: the row does not say); `at` of the window moves behind it.
   * @returns false when the window ends before the row does: fill it and ask again, unless it has ended - then there is
   * no further row
   * @throws FormatError
   */
  next(window: Window, row: (Cell | undefined)[]): boolean;
}

export interface ParserOptions {
  /** Columns of a file of ours, in its order; null: any other file. */
  readonly columns: readonly FileColumn[] | null;
  /** What does not stand at the file's beginning has its header (or its absence of one) behind it. */
  readonly names: readonly string[] | null;
  /** Values are looked at but not made. */
  readonly blind: boolean;
}
