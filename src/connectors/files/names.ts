/** Names of units as names of files: reversible, and the same on every system. */

/** Longest file name that all usual file systems keep, bytes; ours get endings behind the unit's name. */
const MOST_BYTES = 200;
/** What Windows keeps for devices, with or without an ending. */
const DEVICE = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?=\.|$)/i;
/** Not allowed somewhere, or with a meaning of its own. */
const ANYWHERE = /[\p{Cc}/\\:*?"<>|%]/gu;

/**
 * The file name (without ending) of a unit: what some system would refuse is written as %XX of its UTF-8 bytes.
 * @returns null for a name that no file can have: empty, too long or not Unicode
 */
export function encodeName(unit: string): string | null {
  if (unit === '' || !unit.isWellFormed()) return null;
  let name = unit.replace(ANYWHERE, percent);
  if (DEVICE.test(name)) name = percent(name.charAt(0)) + name.slice(1);
  name = name.replace(/^[. ]/, percent).replace(/[. ]$/, percent);
  return Buffer.byteLength(name) > MOST_BYTES ? null : name;
}

/** The unit of a file name without its ending. A name that we would not have written is taken as it stands. */
export function decodeName(name: string): string {
  try {
    const unit = decodeURIComponent(name);
    return encodeName(unit) === name ? unit : name;
  } catch {
    return name;
  }
}

function percent(character: string): string {
  const bytes = Buffer.from(character).toString('hex').toUpperCase();
  return bytes.replace(/../g, '%$&');
}
