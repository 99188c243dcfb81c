/** The editor as the panel sees it: one way to post, one small state that survives a reload. */
import type { UnitStatus } from '../src/core/model.ts';
import type { ViewMessage } from '../src/protocol/panel.ts';

/** Kept by the editor: which task a restored panel shows (the serializer reads it), and how the list was looked at. */
export interface KeptState {
  readonly taskId: string;
  readonly folderUri: string;
  readonly status: UnitStatus | null;
  readonly text: string;
}

export interface Editor {
  post(message: ViewMessage): void;
  kept(): Partial<KeptState>;
  keep(state: KeptState): void;
}

/** @throws when the page is not inside a webview. May be called once per page. */
export function connectEditor(): Editor {
  const api = acquireVsCodeApi<KeptState>();
  return {
    post: (message) => api.postMessage(message),
    kept: () => api.getState() ?? {},
    keep: (state) => api.setState(state),
  };
}
