/** A move that cannot be made, in words for whoever wants to make it. */
export class TransferError extends Error {}

/** What a store says when it fails, as a plain sentence. */
export function failedAt(doing: string): (error: unknown) => never {
  return (error) => {
    throw new TransferError(`the store failed while ${doing}: ${(error as Error).message}`, {
      cause: error,
    })
  }
}
