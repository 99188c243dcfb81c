/** How large bodies are: as large as the cluster takes them, found out where it does not say so. */

/** More does not make a server faster: measured with 1, 4 and 8 MB. */
export const MOST_BODY_BYTES = 4 * 1024 * 1024;
/** Where a lost connection makes no smaller ones. */
const LEAST_BODY_BYTES = 64 * 1024;
/** Bodies that were taken before larger ones are tried again. */
const BEFORE_LARGER = 16;

export interface BodySize {
  /** Most bytes of the next body. */
  bytes(): number;
  /** A body was answered. */
  taken(): void;
  /** One of so many bytes was too large: it says so, and will with the next one. */
  tooLarge(bytes: number): void;
  /** The connection was lost while one of so many bytes was on its way: some cut it instead of saying so. */
  lost(bytes: number): void;
}

/** @param known what the cluster takes in one request, bytes; null = it does not say */
export function createBodySize(known: number | null): BodySize {
  let most = Math.min(MOST_BODY_BYTES, known ?? MOST_BODY_BYTES);
  let bytes = most;
  let taken = 0;
  return {
    bytes: () => bytes,
    taken: () => {
      if (bytes === most) return;
      taken += 1;
      if (taken < BEFORE_LARGER) return;
      taken = 0;
      bytes = Math.min(most, 2 * bytes);
    },
    tooLarge: (refused) => {
      most = Math.max(1, Math.min(most, Math.floor(refused / 2)));
      bytes = Math.min(bytes, most);
    },
    lost: (sent) => {
      taken = 0;
      if (sent > LEAST_BODY_BYTES) bytes = Math.min(bytes, Math.max(LEAST_BODY_BYTES, Math.floor(sent / 2)));
    },
  };
}
