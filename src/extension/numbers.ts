/** Numbers as people of a language read them. Making a formatter costs milliseconds, so each is made once. */

const formats = new Map<string, Intl.NumberFormat>();

/** @param digits digits after the point, exactly */
export function formatNumber(value: number, locale: string, digits = 0): string {
  const key = `${locale} ${digits}`;
  let format = formats.get(key);
  if (!format) {
    format = new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits });
    formats.set(key, format);
  }
  return format.format(value);
}
