/** Which names may be written to: by the documented rules of both products, before any request is made. */
import type { Coded } from '../../core/model.ts';

/** Longest name, bytes of UTF-8. */
const MOST_BYTES = 255;
/** Never in a name: what is a pattern, a list, a path or date arithmetic somewhere. */
const FORBIDDEN = /[\\/*?"<>|\s,#:\p{Cc}]/u;

/** Why nothing can be written to an index of this name; null = it can be called so. Codes: `elasticsearch.*IndexName`. */
export function nameProblem(name: string): Coded | null {
  const bad = { code: 'elasticsearch.badIndexName', args: { index: name } };
  if (name === '' || name === '.' || name === '..' || /^[-_+]/.test(name) || FORBIDDEN.test(name)) return bad;
  if (!name.isWellFormed() || Buffer.byteLength(name) > MOST_BYTES) return bad;
  if (name !== name.toLowerCase()) return { code: 'elasticsearch.upperCaseIndexName', args: bad.args };
  // They belong to the servers and to their plugins.
  return name.startsWith('.') ? { code: 'elasticsearch.systemIndexName', args: bad.args } : null;
}
