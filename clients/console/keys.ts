import { useLayoutEffect } from 'preact/hooks'

type Actions = Readonly<Record<string, (event: KeyboardEvent) => void>>

/** Runs an action for its key, unless someone is typing, or a dialog is open. */
export function useKeys(actions: Actions): void {
  // Before the browser can get to another key: it must meet what the one before has left.
  useLayoutEffect(() => {
    const press = (event: KeyboardEvent): void => {
      const { ctrlKey, metaKey, altKey, key, target } = event
      if (ctrlKey || metaKey || altKey || event.defaultPrevented) return
      if (document.querySelector('dialog[open]')) return
      if (isTyping(target) && key !== 'Escape') return
      actions[key]?.(event)
    }
    addEventListener('keydown', press)
    return () => removeEventListener('keydown', press)
  })
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement
}
