import { readFileSync, statSync } from 'node:fs'

/** Far more than anybody writes; what is larger is some other file. */
const maxFileBytes = 1_048_576

type Text =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: string }

/** The text of a file; pipes and devices would be waited for, so they are none. */
export function readText(path: string): Text {
  try {
    const status = statSync(path)
    if (!status.isFile()) throw new Error('it is not a file')
    if (status.size > maxFileBytes) throw new Error(`it is larger than ${maxFileBytes} bytes`)
    return { ok: true, text: readFileSync(path, 'utf8') }
  } catch (error) {
    return {
      ok: false,
      reason: `the file ${path} cannot be read: ${(error as Error).message}`,
    }
  }
}
