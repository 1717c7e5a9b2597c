import { useEffect, useRef, useState } from 'preact/hooks'
import { problemOf, type Problem } from '../api/problem.ts'
import { pathOf, request, type Page } from '../api/request.ts'
import { ProblemPanel } from '../parts/problem.tsx'
import { csvHead, csvLine } from './csv.ts'
import type { CallRecord } from '@switchhook/shared/projections'
import type { Credential } from '../api/credential.ts'

/** Whoever needs more asks the API, page by page. */
const maxRows = 10_000
const perPage = 200

interface ExportProps {
  readonly credential: Credential
  readonly path: string
}

type Progress = { readonly rows: number; readonly running: boolean; readonly full?: boolean }

/** Saves what the filter finds as a file, with its progress, which can be stopped. */
export function Export({ credential, path }: ExportProps) {
  const [progress, setProgress] = useState<Progress | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)
  const running = useRef<AbortController>(undefined)
  const say = (rows: number): void => setProgress({ rows, running: true })
  useEffect(() => {
    setProgress(null)
    return () => running.current?.abort()
  }, [path])

  const start = async (): Promise<void> => {
    const { signal } = (running.current = new AbortController())
    setProblem(null)
    say(0)
    try {
      const { lines, full } = await collect({ credential, path, signal, say })
      save(lines)
      setProgress({ rows: lines.length - 1, running: false, full })
    } catch (error) {
      setProgress(null)
      if (!signal.aborted) setProblem(problemOf(error))
    }
  }
  return (
    <>
      {progress?.running ? (
        <button type="button" onClick={() => running.current?.abort()}>
          Cancel export
        </button>
      ) : (
        <button type="button" onClick={() => void start()}>
          Export CSV
        </button>
      )}
      <span role="status" class="quiet">
        {wordsOf(progress)}
      </span>
      {problem && <ProblemPanel problem={problem} retry={() => void start()} />}
    </>
  )
}

interface Collecting extends ExportProps {
  readonly signal: AbortSignal
  readonly say: (rows: number) => void
}

/** The lines of the file, page after page; `full`: there would be more. */
async function collect({ credential, path, signal, say }: Collecting) {
  const lines = [csvHead]
  let cursor: string | null = null
  do {
    const asked = pathOf(path, { limit: perPage, cursor })
    const page: Page<CallRecord> = await request<Page<CallRecord>>(credential, asked, { signal })
    lines.push(...page.items.map(csvLine))
    cursor = page.next
    say(lines.length - 1)
  } while (cursor !== null && lines.length <= maxRows)
  return { lines, full: cursor !== null }
}

/** With a byte-order mark, without which Excel takes UTF-8 for something else. */
function save(lines: readonly string[]): void {
  const url = URL.createObjectURL(new Blob(['\u{FEFF}', ...lines], { type: 'text/csv' }))
  const link = document.createElement('a')
  link.href = url
  link.download = `calls-${new Date().toISOString().slice(0, 10)}.csv`
  link.click()
  URL.revokeObjectURL(url)
}

function wordsOf(progress: Progress | null): string {
  if (progress === null) return ''
  const rows = `${progress.rows.toLocaleString()} calls`
  if (progress.running) return `${rows} so far…`
  return progress.full ? `Saved the newest ${rows}: narrow the filter for others` : `Saved ${rows}`
}
