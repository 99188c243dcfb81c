/** Numbers and bars as a terminal shows them. */

export function bar(percent: number, width: number): string {
  const full = Math.round((Math.min(100, Math.max(0, percent)) / 100) * width);
  return `[${'#'.repeat(full)}${'.'.repeat(width - full)}]`;
}

/** `1234567` as `1,234,567`. */
export function grouped(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

/** ms as `0:07`, `12:30` or `3:04:05`. */
export function clock(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const two = (value: number): string => String(value).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}:${two(seconds % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}

/** Percent rounded down, so that 100 is shown only at the end. */
export function wholePercent(percent: number): string {
  return `${Math.floor(percent)} %`;
}

/** Chinese, Japanese, Korean and pictures: characters that take two cells of a terminal. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;

/** Cells of a terminal that a text takes. */
export function cells(text: string): number {
  let sum = 0;
  for (const character of text) sum += WIDE.test(character) ? 2 : 1;
  return sum;
}

/** At most `width` cells, the rest as an ellipsis. */
export function fit(text: string, width: number): string {
  if (cells(text) <= width) return text;
  let fitted = '';
  let left = width - 1;
  for (const character of text) {
    left -= cells(character);
    if (left < 0) break;
    fitted += character;
  }
  return `${fitted}…`;
}

export function column(text: string, width: number): string {
  const fitted = fit(text, width);
  return fitted + ' '.repeat(width - cells(fitted));
}
