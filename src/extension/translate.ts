/** The editor's translation of our own words; sentences of codes come from src/wording instead. */

/** `vscode.l10n.t`: arguments stand in braces. Handed to code that must run without the editor. */
export type Translate = (message: string, args?: Record<string, string | number>) => string;

/** English as it stands in the source: for tests. */
export const english: Translate = (message, args = {}) =>
  message.replace(/\{(\w+)\}/g, (whole, name: string) => (Object.hasOwn(args, name) ? String(args[name]) : whole));
