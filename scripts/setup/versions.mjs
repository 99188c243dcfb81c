/** Host versions are pinned here and raised by hand: a new one is tried with `npm test` first. */
export const versions = {
  /** The npm package that contains the VS Code server and workbench. */
  codeServer: '4.139.1',
  /** The VS Code inside it. */
  vscode: '1.139.1',
  /** `@sparticuz/chromium`: newer ones want Node 22 in their own JavaScript. */
  chromium: '147.0.0',
};
