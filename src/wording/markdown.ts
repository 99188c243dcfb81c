/** Text from outside inside Markdown: whatever it holds, it stays the text it is, at its place. */

/** Line ends and other controls as spaces; marks that turn the direction of text around are left out. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').replace(/[\u200E\u200F\u202A-\u202E\u2066-\u2069]/g, '');
}

/**
 * As running text: no emphasis, no link, no markup, no character reference. What cannot be markup where it stands - a
 * parenthesis that follows no bracket, a low line within a word - stays as it is, because people read the source, too.
 */
export function escapeMarkdown(text: string): string {
  return oneLine(text)
    .replace(/[\\`*{}[\]<>#|!~&]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, '\\$&')
    .replaceAll('://', '\\://');
}

/** As inline code that its content cannot leave. Not for cells of a table: see `codeCell`. */
export function inlineCode(text: string): string {
  const plain = oneLine(text);
  const fence = '`'.repeat(longestRun(plain) + 1);
  const space = fence.length > 1 ? ' ' : '';
  return plain === '' ? '' : `${fence}${space}${plain}${space}${fence}`;
}

/** As inline code of a table's cell. Readers do not agree on what ends a cell inside of code, so a bar is never there. */
export function codeCell(text: string): string {
  return text.includes('|') ? escapeMarkdown(text) : inlineCode(text);
}

/** As a block of code in a language. */
export function fencedCode(text: string, language: string): string {
  const fence = '`'.repeat(Math.max(3, longestRun(text) + 1));
  return `${fence}${language}\n${text}\n${fence}`;
}

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
}

/** @param numbers which columns are set to the right */
export function tableHead(titles: readonly string[], numbers: readonly number[] = []): string[] {
  return [tableRow(titles), tableRow(titles.map((_, column) => (numbers.includes(column) ? '---:' : '---')))];
}

/** @param cells escaped already */
export function tableRow(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
