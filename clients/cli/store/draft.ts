import { randomBytes } from 'node:crypto'
import { realpathSync, statSync } from 'node:fs'
import { open, rename, rm, type FileHandle } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { Failure } from '../exit-codes.ts'

/**
 * Writes a file that only we can read. It is complete and on disk under its name, or what was there before still is.
 * @throws Failure if it cannot be written, or what `fill` throws
 */
export async function writeWhole<Result>(
  path: string,
  fill: (write: (octets: Buffer) => Promise<void>) => Promise<Result>,
): Promise<Result> {
  const target = targetOf(path)
  const suffix = `${process.pid}.${randomBytes(4).toString('hex')}`
  const draft = join(dirname(target), `.${basename(target)}.${suffix}`)
  const inWords = (error: unknown): never => {
    throw new Failure(`${path} cannot be written: ${(error as Error).message}`)
  }
  const file = await open(draft, 'wx', 0o600).catch(inWords)
  try {
    const result = await fill((octets) => file.writeFile(octets).catch(inWords))
    await file.sync().catch(inWords)
    await file.close()
    await rename(draft, target).catch(inWords)
    await syncDirectory(dirname(target)).catch(inWords)
    return result
  } catch (error) {
    await discard(file, draft)
    throw error
  }
}

/** A name that exists must be that of a file, or a link to one: a device would be replaced, not written to. */
function targetOf(path: string): string {
  const existing = statSync(path, { throwIfNoEntry: false })
  if (!existing) return path
  if (existing.isFile()) return realpathSync(path)
  throw new Failure(`${path} is no file`, 'Without a file the export goes to standard output.')
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

async function discard(file: FileHandle, draft: string): Promise<void> {
  await file.close()
  await rm(draft, { force: true })
}
