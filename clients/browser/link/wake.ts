type Listen = (type: string, listener: (event: { type: string }) => void) => void

/** Browsers say when the network or the person is back; Node does not. */
const page: {
  addEventListener?: Listen
  removeEventListener?: Listen
  document?: { hidden: boolean }
} & object = globalThis

const signs = ['online', 'visibilitychange'] as const

/** Calls back when the network came back, and when the page is looked at again. @returns what ends it */
export function onWake(run: () => void): () => void {
  const listener = ({ type }: { type: string }): void => {
    if (type === signs[0] || !page.document?.hidden) run()
  }
  for (const sign of signs) page.addEventListener?.(sign, listener)
  return () => {
    for (const sign of signs) page.removeEventListener?.(sign, listener)
  }
}
