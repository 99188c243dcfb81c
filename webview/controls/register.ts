import { provideVSCodeDesignSystem, vsCodeButton, vsCodeTextField } from '@vscode/webview-ui-toolkit';

/**
 * Defines dt-button and dt-text-field.
 * This folder is the only importer of the toolkit (it is archived upstream): another set of controls replaces it here.
 * Its badge and progress ring are left out because their templates hold style attributes, which the page's policy
 * refuses; its radio group because it brings 13 KB for what the platform's radio buttons do.
 */
export function registerControls(): void {
  provideVSCodeDesignSystem().withPrefix('dt').register(vsCodeButton(), vsCodeTextField());
}
