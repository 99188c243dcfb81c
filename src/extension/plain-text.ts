/**
 * The editor makes links of `[label](command:..)` in notifications, prompts and progress, and a click on one runs the
 * command. What a server, a file or a table's name says must never become one.
 */
export function plainText(text: string): string {
  return text.replaceAll('](', '] (');
}
