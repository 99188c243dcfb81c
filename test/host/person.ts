import Module from 'node:module';
import path from 'node:path';
import * as vscode from 'vscode';

/** What a person would answer to the questions of one command. */
export interface Answers {
  /** The button of a dialog; without it dialogs are closed. */
  readonly button?: string;
  /** A choice by a part of its label, or several where several may be chosen; without it lists are closed. */
  readonly pick?: string | readonly string[] | ((item: Item) => boolean);
  /** What is typed. */
  readonly input?: string;
}

type Questions = Pick<
  typeof vscode.window,
  | 'showWarningMessage'
  | 'showInformationMessage'
  | 'showErrorMessage'
  | 'showQuickPick'
  | 'createQuickPick'
  | 'showInputBox'
>;

/**
 * Plays a person: under test VS Code refuses to show dialogs, and nobody is there to choose from lists.
 * @returns what the work answered, and every question and message that was shown meanwhile
 */
export async function answering<T>(
  answers: Answers,
  work: () => PromiseLike<T>,
): Promise<{ answer: T; said: string[] }> {
  const window = windowOfExtension();
  const { showWarningMessage, showInformationMessage, showErrorMessage } = window;
  const { showQuickPick, createQuickPick, showInputBox } = window;
  const messages = { showWarningMessage, showInformationMessage, showErrorMessage };
  const before = { ...messages, showQuickPick, createQuickPick, showInputBox };
  const said: string[] = [];
  const message = async (text: string, ...rest: readonly unknown[]) => {
    const [options] = rest as [{ detail?: string } | undefined];
    said.push(options?.detail === undefined ? text : `${text}\n${options.detail}`);
    return rest.includes(answers.button) ? answers.button : undefined;
  };
  const pick = async (items: PromiseLike<readonly Item[]> | readonly Item[], options?: vscode.QuickPickOptions) => {
    said.push(options?.placeHolder ?? '');
    const found = (await items).filter(chooser(answers.pick ?? []));
    return options?.canPickMany ? found : found[0];
  };
  const input = async (options?: vscode.InputBoxOptions) => {
    said.push(options?.title ?? '');
    return answers.input;
  };
  Object.assign(window, {
    showWarningMessage: message,
    showInformationMessage: message,
    showErrorMessage: message,
    showQuickPick: pick,
    createQuickPick: () => checkList(chooser(answers.pick ?? []), said),
    showInputBox: input,
  });
  try {
    return { answer: await work(), said };
  } finally {
    Object.assign(window, before);
  }
}

/** A list of which all fitting items are checked as soon as it shows; without any it is closed. */
function checkList(fits: (item: Item) => boolean, said: string[]): object {
  const accepted = new vscode.EventEmitter<void>();
  const hidden = new vscode.EventEmitter<void>();
  const list = {
    items: [] as readonly Item[],
    selectedItems: [] as readonly Item[],
    activeItems: [] as readonly Item[],
    value: '',
    placeholder: '',
    onDidAccept: accepted.event,
    onDidHide: hidden.event,
    show() {
      said.push(list.placeholder);
      list.selectedItems = list.items.filter(fits);
      if (list.selectedItems.length > 0) accepted.fire();
      else list.hide();
    },
    hide: () => hidden.fire(),
    dispose: () => vscode.Disposable.from(accepted, hidden).dispose(),
  };
  return list;
}

function chooser(pick: NonNullable<Answers['pick']>): (item: Item) => boolean {
  if (typeof pick === 'function') return pick;
  const wanted = typeof pick === 'string' ? [pick] : pick;
  return ({ label }) => wanted.some((each) => label.includes(each));
}

interface Item {
  readonly label: string;
  readonly description?: string;
}

/** Each extension has an editor of its own to talk to: this is the one of the extension under test. */
function windowOfExtension(): Questions {
  const place = vscode.extensions.getExtension('datatrace.datatrace')?.extensionPath ?? '';
  const { _load: load } = Module as unknown as { _load(request: string, parent: object): typeof vscode };
  return load('vscode', { filename: path.join(place, 'dist', 'extension.js') }).window;
}
