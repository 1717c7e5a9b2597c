import { Errors } from 'typebox/schema'
import type { Keywords, Leaf } from './leaf.ts'

/** What is wrong with a converted value, in words without the value itself; null if nothing is. */
export function whatIsWrong(leaf: Leaf, value: unknown): string | null {
  const [valid, errors] = Errors(leaf.schema, value)
  if (valid) return null
  const choices = choicesOf(leaf.keywords)
  if (choices !== null) return `must be one of ${choices.join(', ')}`
  const reasons = errors.map(({ instancePath, message }) =>
    instancePath === '' ? message : `each item ${message}`,
  )
  return [...new Set(reasons)].join(', ')
}

/** The values a leaf can take, if they can be counted. */
export function choicesOf({ enum: list, anyOf }: Keywords): string[] | null {
  if (list) return list.map(String)
  if (anyOf?.every((choice) => choice.const !== undefined))
    return anyOf.map((choice) => String(choice.const))
  return null
}
