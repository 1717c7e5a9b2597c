import { nearest } from '@switchhook/shared/config'
import { UsageError } from './exit-codes.ts'

/**
 * Finds the command at the beginning of a command line.
 * @throws UsageError with a suggestion
 */
export function commandName(words: readonly string[], known: readonly string[]): string {
  const [first = ''] = words
  const two = words.slice(0, 2).join(' ')
  const name = known.find((each) => each === two) ?? known.find((each) => each === first)
  if (name !== undefined) return name
  const meant = nearest(two, known, 2) ?? namesWith(nearest(first, known.flatMap(wordsOf)), known)
  throw new UsageError(`there is no command '${two}'; did you mean ${meant}?`)
}

function namesWith(word: string | null, known: readonly string[]): string {
  return known.filter((name) => word !== null && wordsOf(name).includes(word)).join(' or ')
}

const wordsOf = (name: string): string[] => name.split(' ')
