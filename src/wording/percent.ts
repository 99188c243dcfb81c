/** Percentages as every view shows them. */

const formats = new Map<string, Intl.NumberFormat>();

/** Making a formatter costs milliseconds, so each is made once. */
function tenths(locale: string): Intl.NumberFormat {
  let format = formats.get(locale);
  if (!format) {
    format = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
    formats.set(locale, format);
  }
  return format;
}

/**
 * Rounded down to whole numbers; below 1 and from 99 to 100 with one decimal, so that it never shows 0 % of something or
 * 100 % of less.
 * @param value 0..100
 */
export function percentText(value: number, locale: string): string {
  if (value > 0 && value < 0.1) return `<${tenths(locale).format(0.1)}%`;
  const fine = (value > 0 && value < 1) || (value > 99 && value < 100);
  return `${fine ? tenths(locale).format(Math.floor(value * 10) / 10) : Math.floor(value)}%`;
}
