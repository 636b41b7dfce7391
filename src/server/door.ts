/** A server of ours that listens on this machine alone. */
export interface Door {
  /** `http://127.0.0.1:4747`. */
  url: string;
  port: number;
  /** Resolves once nobody is connected any more. */
  close(): Promise<void>;
}
