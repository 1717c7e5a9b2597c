import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createSecretKey,
  randomFillSync,
} from 'node:crypto'

const version = 1
const keyIdLength = 4
const nonceLength = 12
const tagLength = 16

/** Octets at the beginning of whatever is sealed that tell the version and the key, and no two keys of ours alike. */
export const markLength = 1 + keyIdLength
/** Octets at the beginning of whatever is sealed that no two seals have in common. */
export const headLength = markLength + nonceLength

/** Seals octets at rest with AES-256-GCM, bound to where they lie. */
export interface Sealing {
  /** How everything begins that is sealed under a key of ours: the first one that seals, then those that only open. */
  readonly marks: readonly Buffer[]
  /** @param place what the octets belong to, e.g. `deliveries/<app>/<id>`; opening needs the same */
  seal(plain: Uint8Array, place: string): Buffer
  /** @throws if the key is not among ours, or a bit or the place differs */
  open(sealed: Uint8Array, place: string): Buffer
}

/**
 * @param keys 32-byte keys; the first one seals, all of them open (rotation)
 * Layout: version (1) | key id (4) | nonce (12) | tag (16) | ciphertext. NIST SP 800-38D: a fresh random nonce
 * of 96 bits is safe for 2^32 seals under one key.
 */
export function createSealing(keys: readonly Uint8Array[]): Sealing {
  // A raw key would be imported anew for every seal, which costs ten times the seal.
  const live = keys.map((key) => ({ key: createSecretKey(key), id: keyIdOf(key) }))
  const first = live[0]
  if (!first) throw new Error('sealing needs a key')
  return {
    marks: live.map(({ id }) => Buffer.concat([Buffer.of(version), id])),
    seal(plain, place) {
      const nonce = nextNonce()
      const cipher = createCipheriv('aes-256-gcm', first.key, nonce)
      cipher.setAAD(Buffer.from(place))
      const text = cipher.update(plain)
      // GCM holds nothing back.
      cipher.final()
      const sealed = Buffer.allocUnsafe(headLength + tagLength + text.length)
      sealed[0] = version
      first.id.copy(sealed, 1)
      nonce.copy(sealed, markLength)
      cipher.getAuthTag().copy(sealed, headLength)
      text.copy(sealed, headLength + tagLength)
      return sealed
    },
    open(sealed, place) {
      const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength)
      const id = bytes.subarray(1, markLength)
      const match = live.find((candidate) => candidate.id.equals(id))
      if (bytes[0] !== version || !match)
        throw new Error(`sealed with a key that is not among SECRETS_KEY: ${id.toString('hex')}`)
      const nonce = bytes.subarray(markLength, headLength)
      const decipher = createDecipheriv('aes-256-gcm', match.key, nonce)
      decipher.setAAD(Buffer.from(place))
      decipher.setAuthTag(bytes.subarray(headLength, headLength + tagLength))
      const text = bytes.subarray(headLength + tagLength)
      return Buffer.concat([decipher.update(text), decipher.final()])
    },
  }
}

/** Random octets are fetched for many nonces at once: each fetch costs as much as half a seal. */
const nonces = Buffer.alloc(nonceLength * 256)
let used = nonces.length

/** Octets that no other seal gets. */
function nextNonce(): Buffer {
  if (used === nonces.length) {
    randomFillSync(nonces)
    used = 0
  }
  used += nonceLength
  return nonces.subarray(used - nonceLength, used)
}

function keyIdOf(key: Uint8Array): Buffer {
  return createHash('sha256').update(key).digest().subarray(0, keyIdLength)
}
