import {
  provideVSCodeDesignSystem,
  vsCodeButton,
  vsCodeRadio,
  vsCodeRadioGroup,
  vsCodeTextField,
} from '@vscode/webview-ui-toolkit';

/**
 * Defines dt-button, dt-radio, dt-radio-group and dt-text-field.
 * This folder is the only importer of the toolkit (it is archived upstream): another set of controls replaces it here.
 * Its badge and progress ring are left out: their templates hold style attributes, which the page's policy refuses.
 */
export function registerControls(): void {
  provideVSCodeDesignSystem()
    .withPrefix('dt')
    .register(vsCodeButton(), vsCodeRadio(), vsCodeRadioGroup(), vsCodeTextField());
}
