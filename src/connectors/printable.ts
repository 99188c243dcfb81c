/** Longest piece of a server's words that is shown, characters. */
const MOST_SHOWN = 500;

/** A server's words as they may be shown in a terminal: without control characters and turned directions, and not too long. */
export function printable(text: string): string {
  const shown = text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text;
  return shown.replaceAll(/[\p{Cc}\p{Cs}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, (each) =>
    /\s/.test(each) ? ' ' : '\ufffd',
  );
}
