/** The part of a logger that the operator API uses. */
export interface OperatorLog {
  info(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
