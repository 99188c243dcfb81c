/** What `npm run fidelity` says with `--json`. */
export interface Fidelity {
  units: number;
  /** Equal in every value, type and part of the table's shape. */
  exact: number;
  /** Said before the run that they are not copied. */
  refused: number;
  different: string[];
}
