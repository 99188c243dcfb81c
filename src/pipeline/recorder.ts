/** Has the host record what several lanes have committed, one report at a time: those that come meanwhile share the next. */
export interface Recorder {
  /** Resolves when everything committed until now is recorded. */
  record(): Promise<void>;
}

/**
 * @param send reports what is committed now
 * @param recorded resolves when the last report is recorded; never rejects
 */
export function createRecorder(send: () => void, recorded: () => Promise<void>): Recorder {
  let current: Promise<void> | null = null;
  let next: Promise<void> | null = null;
  const begin = (): Promise<void> => {
    send();
    current = recorded().then(() => {
      current = null;
    });
    return current;
  };
  return {
    record: () => {
      if (next !== null) return next;
      if (current === null) return begin();
      next = current.then(() => {
        next = null;
        return begin();
      });
      return next;
    },
  };
}
