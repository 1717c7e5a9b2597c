import type { PresenceEntry } from '@switchhook/shared/protocol'

/** What changed: the latest of each agent. */
export interface PresenceDiff {
  readonly set: Record<string, PresenceEntry>
  readonly del: string[]
}

interface Watched {
  readonly listeners: Set<(diff: PresenceDiff) => void>
  /** As many as the app has agents. */
  readonly changed: Set<string>
  timer: NodeJS.Timeout | null
}

/** Four diffs a second. */
const spacingMs = 250

/** Tells those who watch an app what changed: the first change at once, what follows in one diff after a pause. */
export class Watchers {
  readonly #read: (app: string, agent: string) => PresenceEntry | undefined
  readonly #apps = new Map<string, Watched>()

  constructor(read: (app: string, agent: string) => PresenceEntry | undefined) {
    this.#read = read
  }

  watch(app: string, listener: (diff: PresenceDiff) => void): () => void {
    const watched = this.#apps.get(app) ?? {
      listeners: new Set(),
      changed: new Set(),
      timer: null,
    }
    this.#apps.set(app, watched)
    watched.listeners.add(listener)
    return () => {
      watched.listeners.delete(listener)
      if (watched.listeners.size > 0 || this.#apps.get(app) !== watched) return
      stop(watched)
      this.#apps.delete(app)
    }
  }

  changed(app: string, agent: string): void {
    const watched = this.#apps.get(app)
    if (!watched) return
    watched.changed.add(agent)
    watched.timer ??= setTimeout(() => this.#tell(app, watched))
  }

  close(): void {
    for (const watched of this.#apps.values()) stop(watched)
    this.#apps.clear()
  }

  #tell(app: string, watched: Watched): void {
    watched.timer = null
    if (watched.changed.size === 0) return
    const set: [string, PresenceEntry][] = []
    const del: string[] = []
    for (const agent of watched.changed) {
      const entry = this.#read(app, agent)
      if (entry) set.push([agent, entry])
      else del.push(agent)
    }
    watched.changed.clear()
    watched.timer = setTimeout(() => this.#tell(app, watched), spacingMs)
    for (const listener of watched.listeners) listener({ set: Object.fromEntries(set), del })
  }
}

function stop({ timer }: Watched): void {
  if (timer) clearTimeout(timer)
}
