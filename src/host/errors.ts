import { CodedError } from '../core/coded-error.ts';

/** What can go wrong around the store: a code that the edge words and translates. */
export type HostErrorCode =
  /** The data folder is a link, belongs to somebody else, or cannot be made private. args: folder, reason */
  | 'host.unsafeFolder'
  /** The data folder cannot be made or written. args: folder, reason */
  | 'host.folder'
  /** Another process owns the workspace's tasks. args: pid, host, app */
  | 'host.notOwner'
  /** Nobody answers on the owner's socket. args: address, reason */
  | 'host.unreachable'
  /** The owner is about to give the store back: what it was asked is certainly not done. args: none */
  | 'host.leaving'
  /** The owner did not answer in time. args: ms */
  | 'host.timeout'
  /** The other side sent something that is no message. args: reason */
  | 'host.badMessage'
  /** The owner is a DataTrace of another version. args: app */
  | 'host.otherVersion'
  /** The owner does not know this request (an older version, or a command that it does not take yet). args: type */
  | 'host.unknownRequest'
  /** The owner could not answer. args: reason */
  | 'host.requestFailed';

/** An error of the host: a code with arguments for the edge, and an English sentence for logs. */
export class HostError extends CodedError<HostErrorCode> {
  override readonly name = 'HostError';
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
