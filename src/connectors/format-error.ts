/** Bytes are not what their format says. */
export class FormatError extends Error {
  /** Position of the fault in the bytes looked at. */
  readonly at: number;
  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}
