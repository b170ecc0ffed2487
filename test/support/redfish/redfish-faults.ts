/** What can go wrong with a management controller. */
export type RedfishFault =
  /** It does not answer, and does nothing. The request stays open until the client leaves. */
  | { readonly kind: 'silent' }
  /** It answers later. */
  | { readonly kind: 'slow'; readonly delayMs: number }
  /** The connection breaks before anything was done. */
  | { readonly kind: 'lost-before' }
  /** The connection breaks after it was done. */
  | { readonly kind: 'lost-after' }
  | { readonly kind: 'status'; readonly status: number; readonly message: string }
  /** It does it and answers something that is no JSON. */
  | { readonly kind: 'garbage' }
  /** It does it and answers more than anybody wants to read. */
  | { readonly kind: 'oversized' }
  /** It does it, and its answer stops half-way without an end. */
  | { readonly kind: 'half-an-answer' }
  /** Firmware: the task never ends. */
  | { readonly kind: 'task-hangs' }
  /** Firmware: the task ends in an exception with this message. */
  | { readonly kind: 'task-exception'; readonly message: string }
  /** Firmware: the task succeeds, and another version than that of the image is there. */
  | { readonly kind: 'wrong-version'; readonly version: string };
