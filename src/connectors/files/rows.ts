/** Rows of a file, whatever its format: what parsers and writers keep to. */
import type { Cell, NeutralType } from '../contract.ts';
import type { Output } from '../output.ts';
import type { Window } from './window.ts';

export interface FileColumn {
  readonly name: string;
  readonly type: NeutralType;
}

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
