import { hiding } from '../core/hiding.ts';

/** Keeps known secrets out of everything that people or files get to see. */
export interface Redactor {
  /**
   * Registers a secret, in the forms in which it travels: as it is, URL-encoded, inside JSON, base64. A form of less than
   * four characters is covered where it stands for itself, and where a pattern shows that it is a secret.
   */
  add(secret: string): void;
  redact(text: string): string;
}

const REPLACEMENT = '***';

/** What looks like a secret even when it was never registered. */
const PATTERNS: readonly [RegExp, string][] = [
  [/(\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:)[^\s/@]+@/gi, `$1${REPLACEMENT}@`],
  [
    /\b(password|passwd|pwd|secret|token|api[_-]?key)(["']?\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s,;&}]+)/gi,
    `$1$2${REPLACEMENT}`,
  ],
  [/\b(authorization["']?\s*[=:]\s*["']?(?:basic|bearer|apikey)\s+)[^\s"',;]+/gi, `$1${REPLACEMENT}`],
];

export function createRedactor(): Redactor {
  const forms = new Set<string>();
  let longestFirst: ((text: string) => string)[] = [];
  return {
    add(secret) {
      for (const form of formsOf(secret)) forms.add(form);
      longestFirst = [...forms].sort((a, b) => b.length - a.length).map(hiding); // one secret may contain another
    },
    redact(text) {
      let clean = text;
      for (const hide of longestFirst) clean = hide(clean);
      for (const [pattern, replacement] of PATTERNS) clean = clean.replace(pattern, replacement);
      return clean;
    },
  };
}

function formsOf(secret: string): string[] {
  const base64 = Buffer.from(secret, 'utf8').toString('base64');
  const inJson = JSON.stringify(secret).slice(1, -1);
  return [secret, inJson, encoded(secret), base64, base64.replace(/=+$/, '')];
}

function encoded(secret: string): string {
  try {
    return encodeURIComponent(secret);
  } catch {
    return secret; // a lone surrogate cannot be encoded
  }
}

/** The same value with every text in it cleaned, names and the words of systems alike. */
export function redacted<T>(value: T, redact: Redactor['redact']): T {
  const clean = (each: unknown): unknown => {
    if (typeof each === 'string') return redact(each);
    if (Array.isArray(each)) return each.map(clean);
    if (typeof each !== 'object' || each === null) return each;
    return Object.fromEntries(Object.entries(each).map(([name, inner]) => [name, clean(inner)]));
  };
  return clean(value) as T;
}
