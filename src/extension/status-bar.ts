import * as vscode from 'vscode';
import type { EditorWords } from './editor-words.ts';
import type { EngineSlot } from './engine-slot.ts';
import { statusText } from './status-text.ts';

/** One item on the left while something moves, nothing when idle; at most one change per 500 ms. */
const REDRAW_MS = 500;

export function createStatusBar(slot: EngineSlot, words: EditorWords): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('datatrace.progress', vscode.StatusBarAlignment.Left, 10);
  item.name = 'DataTrace';
  let timer: NodeJS.Timeout | undefined;
  let drawnAt = 0;

  function draw(): void {
    timer = undefined;
    drawnAt = Date.now();
    const shown = statusText(slot.current()?.list() ?? [], words);
    if (!shown) {
      item.hide();
      return;
    }
    item.text = shown.text;
    item.tooltip = shown.tooltip;
    item.accessibilityInformation = { label: shown.text.replace(/\$\([^)]*\)\s*/g, '') };
    item.command = {
      command: 'datatrace.openPanel',
      title: vscode.l10n.t('Open panel'),
      arguments: [{ taskId: shown.taskId }],
    };
    item.show();
  }

  const subscription = slot.onChange(() => {
    timer ??= setTimeout(draw, Math.max(0, REDRAW_MS - (Date.now() - drawnAt)));
  });
  return new vscode.Disposable(() => {
    clearTimeout(timer);
    subscription.dispose();
    item.dispose();
  });
}
