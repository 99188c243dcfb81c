/** The page of a panel: nothing runs or loads in it but our own script, style and icon font. */
import { randomBytes } from 'node:crypto';

export interface PageParts {
  readonly cspSource: string;
  readonly script: string;
  readonly style: string;
  readonly title: string;
  readonly locale: string;
  /** Kept by the page so that a restored panel knows its task. */
  readonly taskId: string;
  readonly folderUri: string;
  /** By code, in the language of the page: it words by itself what it is told, countdowns for example. */
  readonly sentences: Readonly<Record<string, string>>;
}

export function newNonce(): string {
  return randomBytes(24).toString('base64url');
}

export function pageOf(parts: PageParts, nonce: string): string {
  const csp = [
    `default-src 'none'`,
    `img-src ${parts.cspSource}`,
    `font-src ${parts.cspSource}`,
    `style-src ${parts.cspSource} 'nonce-${nonce}'`,
    `script-src 'nonce-${nonce}'`,
  ].join('; ');
  const text = escapeText;
  return `<!DOCTYPE html>
<html lang="${text(parts.locale)}">
<head>
  <meta charset="UTF-8">
  <meta http-equiv="Content-Security-Policy" content="${text(csp)}">
  <meta property="csp-nonce" content="${nonce}">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <link rel="stylesheet" nonce="${nonce}" href="${text(parts.style)}">
  <title>${text(parts.title)}</title>
</head>
<body>
  <div id="app" data-task-id="${text(parts.taskId)}" data-folder-uri="${text(parts.folderUri)}" data-locale="${text(parts.locale)}"></div>
  <script nonce="${nonce}" type="application/json" id="sentences">${jsonIn(parts.sentences)}</script>
  <script nonce="${nonce}" src="${text(parts.script)}"></script>
</body>
</html>
`;
}

/** JSON that cannot end the element it stands in. */
function jsonIn(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}

function escapeText(value: string): string {
  const names: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return value.replace(/[&<>"']/g, (character) => names[character] ?? character);
}
