import { parentPort, workerData } from 'node:worker_threads'
import { migrate } from './migrate.ts'
import { migrations, sqlite } from './migrations/index.ts'
import { openSqlite } from './sqlite.ts'
import type { Database } from './contract.ts'
import type { Call, Reply } from './embedded.ts'

// The thread of the embedded store: a 10 ms fsync here stops no socket over there.
type Procedure = (database: Database, ...rest: unknown[]) => Promise<unknown>

const port = parentPort!
const database = openSqlite((workerData as { file: string }).file)
await migrate(database, migrations(sqlite))

/** As many as there are modules of procedures. */
const loaded = new Map<string, Record<string, Procedure>>()

async function run({ module, name, args }: Call): Promise<unknown> {
  let procedures = loaded.get(module)
  if (!procedures) {
    procedures = (await import(module)) as Record<string, Procedure>
    loaded.set(module, procedures)
  }
  return procedures[name]!(database, ...args)
}

/** What SQLite calls the failure; undefined if it is not the engine's. */
function errcodeOf(error: unknown): number | undefined {
  return (error as { errcode?: number } | undefined)?.errcode
}

/** One after the other: loading a module takes turns of the loop, in which no second call may begin. */
let last: Promise<void> = Promise.resolve()

port.on('message', (call: Call | 'close') => {
  last = last.then(async () => {
    if (call === 'close') {
      database.close()
      return port.close()
    }
    const reply: Reply = await run(call).then(
      (result) => ({ id: call.id, result }),
      // Of an error, only name, message and stack cross over to the other thread.
      (error: unknown) => ({ id: call.id, error, errcode: errcodeOf(error) }),
    )
    port.postMessage(reply)
  })
})

port.postMessage('open')
