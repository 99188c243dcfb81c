/** What commands are made of. */
import type * as vscode from 'vscode';
import type { EditorWords } from '../editor-words.ts';
import type { EngineSlot } from '../engine-slot.ts';
import type { Folders } from '../folders.ts';
import type { Log } from '../log.ts';
import type { Panels } from '../panel/panels.ts';
import type { TasksView } from '../tree/tasks-view.ts';
import type { TaskActions } from './task-actions.ts';
import type { Texts } from './texts.ts';

export interface CommandRooms {
  readonly slot: EngineSlot;
  readonly folders: Folders;
  readonly panels: Panels;
  readonly view: TasksView;
  readonly actions: TaskActions;
  /** Where consents are kept. */
  readonly state: vscode.Memento;
  readonly texts: Texts;
  readonly log: Log;
  readonly words: EditorWords;
  readonly version: string;
}
