/** Is it the error of a system call with that code (`ENOENT`)? */
export function isErrorCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
