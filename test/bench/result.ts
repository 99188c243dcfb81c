/** What every measurement answers; printed as a table, and with `--json` as one last line. */
export interface BenchResult {
  readonly bench: string;
  readonly runs: number;
  /** Our figures, the unit in the name (`transition_ms_p50`). */
  readonly ours: Readonly<Record<string, number>>;
  /** The same work by the peer beside us in the same run. */
  readonly peers: Readonly<Record<string, number>>;
  /** Ours / theirs. */
  readonly ratios: Readonly<Record<string, number>>;
  /** Whether the outcome was checked and right. */
  readonly exact: boolean;
}

/** `--rows N`, `--runs N`, `--shape NAME`, `--source KIND` and `--target KIND` of servers, as given. */
export interface BenchOptions {
  readonly rows: number | undefined;
  readonly runs: number | undefined;
  readonly shape: string | undefined;
  readonly source?: string | undefined;
  readonly target?: string | undefined;
}

export interface BenchModule {
  bench(options: BenchOptions): Promise<BenchResult>;
}

/** The value below which the part `q` of the values lies. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(q * (sorted.length - 1))] ?? Number.NaN;
}

/** Three significant digits: what a measurement on a shared machine is worth. */
export function rounded(value: number): number {
  return Number(value.toPrecision(3));
}

/** Median of ours / theirs, round by round: both had the same machine beside them. */
export function pairedRatio<T>(own: readonly T[], theirs: readonly T[], figure: (each: T) => number): number {
  const all = own.map((each, at) => figure(each) / figure(theirs[at] ?? each));
  return rounded(quantile(all, 0.5));
}
