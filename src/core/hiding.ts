/** How a known secret is taken out of a text. */

const REPLACEMENT = '***';

/**
 * Characters below which a secret is hidden only where it stands for itself. One letter is in every word: texts that lack
 * it everywhere cannot be read, and tell by their gaps what it is.
 */
const LEAST_EVERYWHERE = 4;

/** Between these, or at an end of the text, something stands for itself; before a full stop that ends a sentence, too. */
const BEFORE = '(?<=^|[\\s"\'`=:,;()\\[\\]{}<>&@/?|])';
const BEHIND = '(?=$|[\\s"\'`=:,;()\\[\\]{}<>&@/?|]|[.!?](?:\\s|$))';

/** @returns what replaces the secret in a text by `***` */
export function hiding(secret: string): (text: string) => string {
  if (secret === '') return (text) => text;
  if (secret.length >= LEAST_EVERYWHERE) return (text) => text.replaceAll(secret, REPLACEMENT);
  const alone = new RegExp(BEFORE + secret.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&') + BEHIND, 'g');
  return (text) => text.replace(alone, REPLACEMENT);
}
