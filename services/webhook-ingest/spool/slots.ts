import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { openSpool, type Spool, type SpoolOptions } from './index.ts'

/** Processes that may share a data directory, each with a spool of its own. */
const maxSlots = 16
/** SQLITE_BUSY, of the lock that lies in each spool. */
const busy = 5

type Options = Omit<SpoolOptions, 'dir'> & { readonly dataDir: string }

/** Opens the first spool of the data directory that no other process uses. @throws if there is none, or it is broken */
export async function openOwnSpool(options: Options): Promise<Spool> {
  for (let slot = 1; slot <= maxSlots; slot += 1) {
    const spool = await openFree(options, slot)
    if (spool) return spool
  }
  const { dataDir } = options
  throw new Error(`${maxSlots} processes use ${dataDir}: give this one its own DATA_DIR`)
}

/** Opens the spools that were left behind by processes that do not run any more, and hold something. */
export async function openAbandonedSpools(options: Options): Promise<Spool[]> {
  const found: Spool[] = []
  for (let slot = 1; slot <= maxSlots; slot += 1) {
    if (!existsSync(directoryOf(options.dataDir, slot))) continue
    const spool = await openFree(options, slot)
    if (spool?.empty === false) found.push(spool)
    else await spool?.close()
  }
  return found
}

/** @returns null if another process, or this one, uses it */
async function openFree({ dataDir, ...options }: Options, slot: number): Promise<Spool | null> {
  try {
    return await openSpool({ ...options, dir: directoryOf(dataDir, slot) })
  } catch (error) {
    const { cause } = error as { cause?: { errcode?: number } }
    if (cause?.errcode === busy) return null
    throw error
  }
}

function directoryOf(dataDir: string, slot: number): string {
  return join(dataDir, slot === 1 ? 'spool' : `spool-${slot}`)
}
