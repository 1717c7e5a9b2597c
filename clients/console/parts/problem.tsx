import { useSession } from '../session/session.ts'
import { CopyButton } from './copy.tsx'
import type { Problem } from '../api/problem.ts'

interface ProblemPanelProps {
  readonly problem: Problem
  readonly retry?: () => void
}

/** What went wrong, what to do about it, and what to tell whoever runs the hub. */
export function ProblemPanel({ problem, retry }: ProblemPanelProps) {
  const { code, detail, fix, parameter, requestId, retryAfter } = problem
  return (
    <section class="problem-panel" role="alert" aria-label="Problem">
      <p>
        <code>{code}</code> {detail}
      </p>
      {parameter !== null && (
        <p class="quiet">
          It is about <code>{parameter}</code>.
        </p>
      )}
      {fix !== null && <p>{fix}</p>}
      {retryAfter !== null && <p class="quiet">It may go well in {retryAfter} s.</p>}
      {requestId !== null && (
        <p class="quiet">
          Request <code>{requestId}</code> <CopyButton text={requestId} label="Copy request id" />
        </p>
      )}
      <p class="buttons">
        {retry && (
          <button type="button" onClick={retry}>
            Try again
          </button>
        )}
        <SignInAgain problem={problem} />
      </p>
    </section>
  )
}

/** A credential that is not good any more is given up, so that the page asks for another. */
function SignInAgain({ problem: { code } }: { problem: Problem }) {
  const { forget } = useSession()
  const kind = code.startsWith('internal_auth_')
    ? 'secret'
    : code.startsWith('auth_') || code === 'app_disabled'
      ? 'token'
      : null
  if (kind === null) return null
  return (
    <button type="button" onClick={() => forget(kind)}>
      Use another {kind}
    </button>
  )
}
