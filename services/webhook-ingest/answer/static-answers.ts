import { readFileSync, statSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { synchronousTypes, type SynchronousType } from '@switchhook/shared/providers/vapi'
import { answerIn, isObject } from './json-object.ts'
import type { Stats } from 'node:fs'
import type { FastifyBaseLogger } from 'fastify'

/** The answers of a file. */
export interface StaticAnswers {
  /** The answer to a type of message, as the file has it now; null if it has none. Never rejects. */
  of(type: SynchronousType): Promise<object | null>
}

type Answers = ReadonlyMap<string, object>

/** Of a file, in bytes. */
const fileLimit = 1_048_576
const forOthers = 'default'
const names = new Set<string>([...synchronousTypes, forOthers])

/**
 * Reads a file of answers: `{"assistant-request": {…}, "default": {…}}`, an object for each type of message that is
 * waited for, and one for all the others.
 * @returns the answers, or what is wrong with the file, in words that do not repeat what it says
 */
export function readStaticAnswers(path: string): Answers | string {
  let bytes: Buffer
  try {
    if (statSync(path).size > fileLimit) return 'the file is larger than 1 MiB'
    bytes = readFileSync(path)
  } catch (error) {
    return `the file cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown error'}`
  }
  const file = answerIn(bytes)
  if (!file) return 'the file is not a JSON object'
  const answers = new Map(Object.entries(file) as [string, unknown][])
  for (const [name, answer] of answers) {
    if (!names.has(name)) return `'${name.slice(0, 60)}' is none of ${[...names].join(', ')}`
    if (!isObject(answer)) return `the answer to '${name}' is not a JSON object`
  }
  return answers as Answers
}

/**
 * Keeps to a file: looks before every answer whether it was changed. A change that broke it is logged once, and the
 * answers from before are given.
 * @throws Error if it is not usable now
 */
export function followStaticAnswers(path: string, log: FastifyBaseLogger): StaticAnswers {
  let seen = versionOf(statSync(path, { throwIfNoEntry: false }))
  const first = readStaticAnswers(path)
  if (typeof first === 'string') throw new Error(`VAPI_STATIC_ANSWER_FILE: ${first}`)
  let answers = first
  return {
    async of(type) {
      const found = versionOf(await stat(path).catch(() => undefined))
      if (found !== seen) {
        seen = found
        const read = readStaticAnswers(path)
        if (typeof read === 'string') log.error({ reason: read }, 'static answers not usable')
        else answers = read
      }
      return answers.get(type) ?? answers.get(forOthers) ?? null
    },
  }
}

/** Changes with the file, also if another one takes its place; of a file that is gone it is empty. */
function versionOf(stats: Stats | undefined): string {
  return stats ? `${stats.ino} ${stats.size} ${stats.mtimeMs}` : ''
}
