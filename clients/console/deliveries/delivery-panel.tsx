import { useEffect, useRef, useState } from 'preact/hooks'
import { useAnswer } from '../api/answer.ts'
import { problemOf, type Problem } from '../api/problem.ts'
import { pathOf, request } from '../api/request.ts'
import { CopyButton } from '../parts/copy.tsx'
import { Answered } from '../operate/answered.tsx'
import { ProblemPanel } from '../parts/problem.tsx'
import { Standing } from '../operate/standing.tsx'
import { AskRemove, AskReveal, DeliveryActions, type Question } from './delivery-actions.tsx'
import { DeliveryFacts } from './delivery-facts.tsx'
import { DeliveryRequest } from './delivery-request.tsx'
import { meaningOf } from './words.ts'
import type { Credential } from '../api/credential.ts'
import type { KeptDelivery, Rerun } from './delivery.ts'

interface DeliveryPanelProps {
  readonly credential: Credential
  readonly app: string
  readonly id: string
  readonly onClose: () => void
  /** The list may no longer be true. */
  readonly onChange: () => void
}

/** One delivery beside the list: what came, what it became, and what can be done with it. */
export function DeliveryPanel(props: DeliveryPanelProps) {
  const { id, onClose } = props
  const [question, ask] = useState<Question | null>(null)
  const { answer, revealed, rerun, failure, again, remove, show, hide } = useDelivery(props)
  const title = useRef<HTMLHeadingElement>(null)
  useEffect(() => title.current?.focus({ preventScroll: true }), [])
  const kept = answer.value
  return (
    <aside class="panel" aria-labelledby="panel-title">
      <div class="panel-head">
        {kept && <Standing tone={meaningOf(kept.status).tone} word={kept.status} />}
        <CopyButton text={id} label="Copy id" />
        <button type="button" class="plain" onClick={onClose}>
          Close <kbd>Esc</kbd>
        </button>
      </div>
      <h2 id="panel-title" ref={title} tabIndex={-1}>
        {kept ? `Delivery of ${kept.provider}` : 'Delivery'}
      </h2>
      <Answered answer={answer} known={kept !== null}>
        {kept && (
          <>
            <DeliveryFacts kept={kept} rerun={rerun} />
            {failure !== null && <ProblemPanel problem={failure} />}
            <DeliveryActions
              kept={kept}
              revealed={revealed !== null}
              onAgain={() => void again()}
              onAsk={ask}
              onHide={hide}
            />
            <DeliveryRequest kept={revealed ?? kept} masked={revealed === null} />
          </>
        )}
      </Answered>
      {question === 'reveal' && <AskReveal onSubmit={show} onClose={() => ask(null)} />}
      {question === 'remove' && <AskRemove onSubmit={remove} onClose={() => ask(null)} />}
    </aside>
  )
}

/** A delivery and what can be done with it. */
function useDelivery({ credential, app, id, onChange }: DeliveryPanelProps) {
  const [revealed, reveal] = useState<KeptDelivery | null>(null)
  const [rerun, setRerun] = useState<Rerun | null>(null)
  const [failure, fail] = useState<Problem | null>(null)
  const path = (unmasked?: 'true'): string => pathOf(`internal/deliveries/${id}`, { app, unmasked })
  const answer = useAnswer<KeptDelivery>(credential, path())
  const changed = (): void => {
    answer.reload()
    onChange()
  }
  const again = (): Promise<void> =>
    request<Rerun>(credential, pathOf(`internal/deliveries/${id}/replay`, { app }), {
      method: 'POST',
    }).then(
      (became) => {
        setRerun(became)
        changed()
      },
      (error: unknown) => fail(problemOf(error)),
    )
  const remove = async (): Promise<void> => {
    await request(credential, path(), { method: 'DELETE' })
    reveal(null)
    changed()
  }
  const show = async (): Promise<void> =>
    reveal(await request<KeptDelivery>(credential, path('true')))
  return { answer, revealed, rerun, failure, again, remove, show, hide: () => reveal(null) }
}
