import {
  provideVSCodeDesignSystem,
  vsCodeBadge,
  vsCodeButton,
  vsCodeProgressRing,
  vsCodeRadio,
  vsCodeRadioGroup,
  vsCodeTextField,
} from '@vscode/webview-ui-toolkit';

/**
 * Defines dt-badge, dt-button, dt-progress-ring, dt-radio, dt-radio-group and dt-text-field.
 * This folder is the only importer of the toolkit (it is archived upstream): another set of controls replaces it here.
 */
export function registerControls(): void {
  provideVSCodeDesignSystem()
    .withPrefix('dt')
    .register(
      vsCodeBadge(),
      vsCodeButton(),
      vsCodeProgressRing(),
      vsCodeRadio(),
      vsCodeRadioGroup(),
      vsCodeTextField(),
    );
}
