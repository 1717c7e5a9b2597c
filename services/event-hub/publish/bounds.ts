import { CodedError } from '@switchhook/shared/errors'
import { maxData, type Published } from './schema.ts'

/** Levels of objects and lists: enough for people, and no stack is too short for it. */
const maxDepth = 32
const maxAheadMs = 86_400_000
/** `2026-11-21T03:19:09.905Z`: times of another length have another order. */
const timeLength = 24

/** @throws CodedError `event_too_large` or `invalid_parameter` */
export function mustBeBounded({ data }: Published): void {
  if (isDeeper(data, maxDepth)) throw unusable('data', `is deeper than ${maxDepth} levels`)
  if (Buffer.byteLength(JSON.stringify(data)) > maxData) throw tooLarge()
}

export function tooLarge(): CodedError {
  return new CodedError('event_too_large', { args: [maxData], parameter: 'data' })
}

/** When it happened, in UTC. @throws CodedError `invalid_parameter` */
export function timeOf({ time }: Published, nowMs: number): string {
  const at = time === undefined ? nowMs : Date.parse(time)
  if (Number.isNaN(at)) throw unusable('time', 'is no time that this clock knows')
  if (at > nowMs + maxAheadMs) throw unusable('time', 'is more than a day ahead')
  const text = new Date(at).toISOString()
  if (text.length !== timeLength) throw unusable('time', 'is too long ago')
  return text
}

function unusable(parameter: string, reason: string): CodedError {
  return new CodedError('invalid_parameter', { args: [`${parameter}: ${reason}`], parameter })
}

/** Level by level, for a stack is what depth is a danger to. */
function isDeeper(value: object, levels: number): boolean {
  let level: object[] = [value]
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > levels) return true
    level = level.flatMap((one) =>
      Object.values(one).filter((each) => typeof each === 'object' && each !== null),
    )
  }
  return false
}
