/** Questions about the settings that people change while a task runs. Each answers undefined when the person gave up. */
import * as vscode from 'vscode';
import type { ErrorPolicy, Limits, RetryPolicy } from '../../core/model.ts';
import { parseAmount, parseRetry, retryText } from './setting-texts.ts';

export async function askForConcurrency(current: number): Promise<number | undefined> {
  const valid = (value: string): boolean => /^\d{1,2}$/.test(value) && Number(value) >= 1 && Number(value) <= 64;
  const value = await vscode.window.showInputBox({
    title: vscode.l10n.t('Units at a time'),
    prompt: vscode.l10n.t('A whole number from 1 to 64. Running units are not stopped.'),
    value: String(current),
    validateInput: (text) => (valid(text) ? undefined : vscode.l10n.t('A whole number from 1 to 64, please.')),
  });
  return value === undefined || !valid(value) ? undefined : Number(value);
}

export async function chooseErrorPolicy(inFile: ErrorPolicy | undefined): Promise<ErrorPolicy | undefined> {
  const item = (policy: ErrorPolicy, label: string, detail: string) => ({
    label,
    detail,
    description: policy === inFile ? vscode.l10n.t('in datatrace.json') : '',
    policy,
  });
  const items = [
    item('skip', vscode.l10n.t('Go on'), vscode.l10n.t('A failed unit is left behind; the others are copied.')),
    item('pause', vscode.l10n.t('Pause the task'), vscode.l10n.t('The first failed unit pauses all others.')),
  ];
  const placeHolder = vscode.l10n.t('What happens when a unit fails?');
  return (await vscode.window.showQuickPick(items, { placeHolder }))?.policy;
}

const NO_RETRY: RetryPolicy = { attempts: 3, delayMs: 1_000, factor: 2, maxDelayMs: 60_000, jitter: 0.2 };

/** Attempts and first delay; how the delay grows stays as it is in the file. */
export async function askForRetry(inFile: RetryPolicy = NO_RETRY): Promise<RetryPolicy | undefined> {
  const wrong = vscode.l10n.t('A number of retries from 0 to 100, and a delay such as 500ms, 5s or 2m, please.');
  const value = await vscode.window.showInputBox({
    title: vscode.l10n.t('Retries of a failed unit'),
    prompt: vscode.l10n.t('Retries and the first delay, for example "3 1s"; 0 = no retry.'),
    value: retryText(inFile),
    validateInput: (text) => (parseRetry(text, inFile) ? undefined : wrong),
  });
  return value === undefined ? undefined : parseRetry(value, inFile);
}

export async function askForLimits(
  inFile: Limits = { rowsPerSecond: 0, bytesPerSecond: 0 },
): Promise<Limits | undefined> {
  const rowsPerSecond = await askForAmount(vscode.l10n.t('Rows per second (1 of 2)'), inFile.rowsPerSecond);
  if (rowsPerSecond === undefined) return undefined;
  const bytesPerSecond = await askForAmount(vscode.l10n.t('Bytes per second (2 of 2)'), inFile.bytesPerSecond);
  return bytesPerSecond === undefined ? undefined : { rowsPerSecond, bytesPerSecond };
}

async function askForAmount(title: string, current: number): Promise<number | undefined> {
  const wrong = vscode.l10n.t('A number such as 5000, 20k or 10M, please; 0 = no limit.');
  const value = await vscode.window.showInputBox({
    title,
    prompt: vscode.l10n.t('All units of the task together; 0 = no limit.'),
    value: String(current),
    validateInput: (text) => (parseAmount(text) === undefined ? wrong : undefined),
  });
  return value === undefined ? undefined : parseAmount(value);
}
