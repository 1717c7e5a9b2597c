import { randomFillSync } from 'node:crypto'

/** RFC 6455 §5.2. */
export const opcodes = {
  continuation: 0x0,
  text: 0x1,
  binary: 0x2,
  close: 0x8,
  ping: 0x9,
  pong: 0xa,
} as const

const final = 0x80
const maskBit = 0x80
const maxShort = 125
const maxMedium = 0xffff

/** Masking keys are drawn together: one call for a thousand frames. */
const keys = Buffer.alloc(4_096)
let unused = 0

/**
 * One whole frame.
 * @param masked as everything that goes to an upstream has to be (RFC 6455 §5.3)
 */
export function frame(opcode: number, payload: Buffer, masked: boolean): Buffer {
  const { length } = payload
  const extended = length <= maxShort ? 0 : length <= maxMedium ? 2 : 8
  const keyAt = 2 + extended
  const start = keyAt + (masked ? 4 : 0)
  const whole = Buffer.allocUnsafe(start + length)
  whole[0] = final | opcode
  whole[1] = (masked ? maskBit : 0) | (extended === 0 ? length : extended === 2 ? 126 : 127)
  if (extended === 2) whole.writeUInt16BE(length, 2)
  if (extended === 8) whole.writeBigUInt64BE(BigInt(length), 2)
  payload.copy(whole, start)
  if (masked) {
    const key = nextKey()
    whole.writeUInt32BE(key, keyAt)
    applyMask(whole.subarray(start), key, 0)
  }
  return whole
}

/** @param reason 123 octets at most */
export function closeFrame(code: number, reason: string, masked: boolean): Buffer {
  const payload = Buffer.concat([Buffer.alloc(2), Buffer.from(reason)])
  payload.writeUInt16BE(code)
  return frame(opcodes.close, payload, masked)
}

function nextKey(): number {
  if (unused === 0) {
    randomFillSync(keys)
    unused = keys.length
  }
  unused -= 4
  return keys.readUInt32BE(unused)
}

/**
 * Masks, or unmasks, in place (RFC 6455 §5.3: the same operation).
 * @param phase how many octets of the payload came before
 */
export function applyMask(octets: Buffer, key: number, phase: number): void {
  for (let index = 0; index < octets.length; index += 1) {
    octets[index]! ^= key >>> (24 - 8 * ((phase + index) & 3))
  }
}
