import { inTurn } from '../database/in-turn.ts'
import { KeysInMemory } from './api-keys.ts'
import { RevocationsInMemory } from './revocations.ts'
import { openTickets } from './tickets.ts'
import type { Store } from '../database/index.ts'
import type { Access } from './contract.ts'

export { endOf } from './api-keys.ts'
export { isKey, keyMark } from './key-text.ts'
export type {
  Access,
  ApiKey,
  ApiKeys,
  NewApiKey,
  Revocations,
  Ticket,
  TicketKind,
  TicketRequest,
  Tickets,
} from './contract.ts'

/** Opens the API keys, tickets and revocations of a store; `Holder` is whom a ticket stands for. */
export async function openAccess<Holder>(store: Store): Promise<Access<Holder>> {
  const revisionsSql = bind<typeof import('./sql/revisions.ts')>(store, 'revisions')
  const turns = inTurn()
  const refresh = (): Promise<void> => turns.take(read)
  const keys = new KeysInMemory(bind(store, 'api-keys'), refresh)
  const revocations = new RevocationsInMemory(bind(store, 'revocations'), refresh)
  let known = { api_keys: -1, revocations: -1 }
  let revision = 0

  const read = async (): Promise<void> => {
    // Before the rows: a change in between is read once more.
    const current = await revisionsSql.revisions()
    if (current.api_keys !== known.api_keys) {
      await keys.load(Date.now())
      revision += 1
    }
    if (current.revocations !== known.revocations) {
      await revocations.load(current.revocations)
      revision += 1
    }
    known = current
  }

  await refresh()
  return {
    get revision() {
      return revision
    },
    keys,
    tickets: openTickets(bind(store, 'tickets')),
    revocations,
    lookAgain: () => turns.share(read),
    async tend(nowMs) {
      if (keys.haveEnded(nowMs)) revision += 1
      await keys.noteUses(nowMs)
    },
  }
}

function bind<M>(store: Store, name: string) {
  return store.procedures<M>(import.meta.resolve(`./sql/${name}.ts`))
}
