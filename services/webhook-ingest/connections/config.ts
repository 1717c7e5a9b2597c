import { Type, type Static } from 'typebox'
import type { Mistake } from '@switchhook/shared/config'
import type { OAuthClient } from './dialpad/tokens.ts'

/** The path of `REDIRECT_URI`: registered at Dialpad, served here. */
export const callbackPath = '/auth/dialpad/callback'

export const Options = Type.Object({
  clientId: Type.Optional(
    Type.String({
      env: 'CLIENT_ID',
      description: 'The OAuth client that Dialpad gave you: apps can then be connected to it.',
    }),
  ),
  clientSecret: Type.Optional(
    Type.String({
      env: 'CLIENT_SECRET',
      secret: true,
      description: 'The secret of that client.',
    }),
  ),
  redirectUri: Type.Optional(
    Type.String({
      env: 'REDIRECT_URI',
      description: `What Dialpad calls back, as registered there: \`PUBLIC_URL\` and \`${callbackPath}\`.`,
      example: `https://calls.example.com${callbackPath}`,
    }),
  ),
  dialpadBaseUrl: Type.String({
    env: 'DIALPAD_BASE_URL',
    default: 'https://dialpad.com',
    description: 'Where Dialpad is; its sandbox is `https://sandbox.dialpad.com`.',
  }),
  scopes: Type.Array(Type.String({ pattern: '^[\\x21\\x23-\\x5B\\x5D-\\x7E]+$' }), {
    env: 'DIALPAD_SCOPES',
    separator: ' ',
    default: ['calls:list', 'offline_access'],
    description:
      'What is asked of who connects; without `offline_access` a connection ends with its first token, `recordings_export` adds the addresses of recordings.',
  }),
})

export type Options = Static<typeof Options>

const needed = [
  ['clientId', 'CLIENT_ID'],
  ['clientSecret', 'CLIENT_SECRET'],
  ['redirectUri', 'REDIRECT_URI'],
] as const

/** The client, or the variables that are missing for one. */
export function clientOf(options: Options): OAuthClient | { readonly missing: readonly string[] } {
  const { clientId, clientSecret, redirectUri, dialpadBaseUrl, scopes } = options
  if (!clientId || !clientSecret || !redirectUri) {
    return { missing: needed.filter(([key]) => !options[key]).map(([, name]) => name) }
  }
  const baseUrl = dialpadBaseUrl.replace(/\/+$/, '')
  return { clientId, clientSecret, redirectUri, baseUrl, scope: scopes.join(' ') }
}

/**
 * Mistakes a schema cannot see: the three belong together, and are what they claim to be.
 * @param publicUrl what browsers call us: who leaves for Dialpad from there must come back there
 */
export function connectionMistakes(options: Options, publicUrl?: string): Mistake[] {
  const { redirectUri, dialpadBaseUrl } = options
  const mistakes: Mistake[] = []
  if (!isHttp(dialpadBaseUrl)) {
    const reason = `'${dialpadBaseUrl}' is not an http(s) URL`
    mistakes.push({ name: 'DIALPAD_BASE_URL', reason, example: 'https://dialpad.com' })
  }
  const client = clientOf(options)
  if ('missing' in client && client.missing.length < needed.length) {
    const given = needed.filter(([key]) => options[key]).map(([, name]) => name)
    const reason = `is required with ${given.join(' and ')}`
    mistakes.push(...client.missing.map((name) => ({ name, reason })))
  }
  if (redirectUri) mistakes.push(...redirectMistakes(redirectUri, publicUrl))
  return mistakes
}

function redirectMistakes(redirectUri: string, publicUrl: string | undefined): Mistake[] {
  const name = 'REDIRECT_URI'
  const example = `https://calls.example.com${callbackPath}`
  const url = URL.parse(redirectUri)
  if (!isHttp(redirectUri) || !url?.pathname.endsWith(callbackPath) || url.search || url.hash) {
    const reason = `'${redirectUri}' is not an http(s) URL that ends with ${callbackPath}`
    return [{ name, reason, example }]
  }
  // The cookie that tells whose consent it is stays with the origin that set it.
  const origin = publicUrl === undefined ? url.origin : URL.parse(publicUrl)?.origin
  if (origin === undefined || origin === url.origin) return []
  return [{ name, reason: `is not at PUBLIC_URL, which is at ${origin}`, example }]
}

function isHttp(text: string): boolean {
  return /^https?:$/.test(URL.parse(text)?.protocol ?? '')
}
