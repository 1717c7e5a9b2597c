import { createHash, randomBytes } from 'node:crypto'
import { sampleCall } from './sample-call.ts'
import { planOf, type Settings } from './settings.ts'
import { signerOf, writeSignature, type Message } from './signature.ts'
import { bearerHeader, bearerPrefix, secretHeader, usableKey, usableSecret } from './verify.ts'
import type { Keys, SignedDelivery, Signing, Simulator } from '../contract.ts'

/** The simulated Vapi: fresh secrets, requests that prove themselves in each of its ways, whole calls. */
export const simulator: Simulator<Settings> = {
  signingKeyName: 'VAPI_WEBHOOK_SECRET',
  newKeys,
  sign,
  sampleCall,
}

/** A fresh secret, which both sides have; it can also be taken as base64 of 32 bytes. */
export function newKeys(): Keys {
  const secret = randomBytes(32).toString('base64')
  return { signingKey: secret, credential: secret }
}

/**
 * The request Vapi would send with a body, the time of an HMAC in seconds. A retry has the id of the first attempt, so
 * the id is made of the body.
 * @throws Error if the signing key or the settings are not usable
 */
export function sign(body: Buffer, signing: Signing<Settings>): SignedDelivery {
  const { url } = signing
  const headers = { 'content-type': 'application/json', ...proofOf(body, signing) }
  return { method: 'POST', url, headers, body }
}

function proofOf(body: Buffer, signing: Signing<Settings>): Readonly<Record<string, string>> {
  const { signingKey, settings } = signing
  if (settings.scheme === 'hmac') return signatureOf(body, signing)
  const secret = usableSecret(signingKey)
  if (settings.scheme === 'bearer') return { [bearerHeader]: `${bearerPrefix}${secret}` }
  return { [secretHeader]: secret }
}

function signatureOf(
  body: Buffer,
  { signingKey, nowSeconds, url, settings }: Signing<Settings>,
): Readonly<Record<string, string>> {
  const plan = planOf(settings)
  const messageId = `msg_${createHash('sha256').update(body).digest('base64url').slice(0, 27)}`
  const message: Message = {
    method: 'POST',
    url,
    body,
    timestamp: String(nowSeconds),
    messageId,
  }
  const signature = signerOf(plan)(usableKey(signingKey, plan), message)
  const hasId = plan.payloadFormat.includes('{svix-id}')
  return {
    [plan.signatureHeader]: writeSignature(signature, plan),
    ...(plan.includeTimestamp && { [plan.timestampHeader]: message.timestamp }),
    ...(hasId && { [plan.messageIdHeader]: messageId }),
  }
}
