import { SipError } from './error.ts'

/** What a phone needs to know. */
export interface SipConfig {
  /** Where it opens its WebSocket. */
  readonly wssServerUrl: string
  readonly sipDomain: string | null
  readonly busylightWsUrl: string | null
}

interface Storage {
  getItem(name: string): string | null
  setItem(name: string, value: string): void
  removeItem(name: string): void
}

export interface ConfigOptions {
  /** `https://calls.example.com`; the page's own server if not given. */
  readonly url?: string
  /** Which PBX, by name or id; the only one if not given. */
  readonly upstream?: string
  /** The same, as older pages say it. */
  readonly phantomId?: string | number
  /** Where the last answer is kept; the platform's `localStorage`, if there is one. */
  readonly storage?: Storage
}

const names = ['wssServerUrl', 'sipDomain', 'busylightWsUrl'] as const
/** What the stored answer is the answer to. */
const question = 'sipConfigOf'
const deadlineMs = 5_000

/**
 * Asks the server where this phone connects, and keeps the answer for the day it cannot be asked.
 * @throws SipError when it refuses, or cannot be asked and never was
 */
export async function sipConfig(options: ConfigOptions = {}): Promise<SipConfig> {
  const { url = '', upstream, phantomId = '' } = options
  const storage = storageOf(options)
  const asked = `${url.replace(/\/+$/, '')}/api/config?${query(upstream ?? String(phantomId))}`
  try {
    const config = await ask(asked)
    keep(storage, asked, config)
    return config
  } catch (error) {
    const kept =
      error instanceof SipError && error.code !== unreachable ? null : recall(storage, asked)
    if (kept) return kept
    throw error
  }
}

const unreachable = 'unreachable'

const query = (upstream: string): string => upstream && `upstream=${encodeURIComponent(upstream)}`

async function ask(url: string): Promise<SipConfig> {
  let response
  try {
    response = await fetch(url, { signal: AbortSignal.timeout(deadlineMs) })
    const answer = await response.json()
    if (answer.wssServerUrl) return answer as SipConfig
    // What may be over soon is no answer.
    if (response.status < 500 && response.status !== 429) throw new SipError(answer as SipError)
  } catch (error) {
    if (error instanceof SipError) throw error
  }
  const detail = `${url} cannot be asked${response ? `: ${response.status}` : ''}`
  throw new SipError({ code: unreachable, detail })
}

/** A page may be forbidden to keep anything. */
function storageOf({ storage }: ConfigOptions): Storage | undefined {
  try {
    return storage ?? (globalThis as { localStorage?: Storage }).localStorage
  } catch {
    return undefined
  }
}

function keep(storage: Storage | undefined, asked: string, config: SipConfig): void {
  try {
    for (const name of names) {
      const value = config[name]
      if (value) storage?.setItem(name, value)
      else storage?.removeItem(name)
    }
    storage?.setItem(question, asked)
  } catch {
    // It is full, or not ours: the page works without.
  }
}

function recall(storage: Storage | undefined, asked: string): SipConfig | null {
  try {
    if (storage?.getItem(question) !== asked) return null
    const [wssServerUrl, sipDomain, busylightWsUrl] = names.map((name) => storage.getItem(name))
    return wssServerUrl
      ? { wssServerUrl, sipDomain: sipDomain ?? null, busylightWsUrl: busylightWsUrl ?? null }
      : null
  } catch {
    return null
  }
}
