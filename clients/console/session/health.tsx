import { useEffect, useState } from 'preact/hooks'

const everyMs = 30_000
const deadlineMs = 10_000

/** The parts of the hub that do not work; nothing is shown while all do, and of a hub that is away the pill tells. */
export function Health() {
  const [failed, setFailed] = useState<readonly string[]>([])
  useEffect(() => {
    const look = async (): Promise<void> => {
      if (!document.hidden) setFailed(await failedParts())
    }
    void look()
    const timer = setInterval(() => void look(), everyMs)
    return () => clearInterval(timer)
  }, [])
  if (failed.length === 0) return null
  return (
    <p class="pill degraded" role="status" title={`Not working: ${failed.join(', ')}`}>
      <span class="dot" aria-hidden="true" />
      <span class="text">degraded: {failed.join(', ')}</span>
    </p>
  )
}

interface Report {
  readonly checks?: Readonly<Record<string, { readonly status: string }>>
}

/** What `/health` says does not work; it says so with the status 503 as well. */
async function failedParts(): Promise<string[]> {
  try {
    const response = await fetch(new URL('health', document.baseURI), {
      signal: AbortSignal.timeout(deadlineMs),
    })
    const { checks = {} } = (await response.json()) as Report
    return Object.keys(checks).filter((name) => checks[name]?.status !== 'ok')
  } catch {
    return []
  }
}
