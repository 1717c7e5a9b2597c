/** An entry of the table of error codes. */
export interface ErrorCode {
  /** Of an HTTP answer. */
  readonly status: number
  /** `%s` is filled from the arguments in order, first here and then in the fix. */
  readonly message: string
  readonly fix?: string
}
