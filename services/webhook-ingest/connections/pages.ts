import { createHash } from 'node:crypto'
import type { FastifyReply } from 'fastify'

/** What a browser is told. */
export interface Page {
  readonly status: number
  readonly title: string
  readonly text: string
}

const again = 'Ask for a new link and start again.'

export const pages = {
  usedLink: {
    status: 410,
    title: 'This link is not valid any more',
    text: `Each link works once, for ten minutes. ${again}`,
  },
  unknownState: {
    status: 400,
    title: 'This is not where you came from',
    text: `The answer of Dialpad belongs to a consent that is over, too old, or was begun in another browser. ${again}`,
  },
  denied: {
    status: 200,
    title: 'You refused',
    text: 'Nothing was connected, and nothing was changed. You can close this page.',
  },
  staleCode: {
    status: 400,
    title: 'That took too long',
    text: `Dialpad says the consent is not valid any more. ${again}`,
  },
  connected: {
    status: 200,
    title: 'Dialpad is connected',
    text: 'Calls will be told from now on. You can close this page.',
  },
  notConfigured: {
    status: 503,
    title: 'Dialpad cannot be connected here',
    text: 'The connection is not configured. Tell whoever sent you the link.',
  },
  inUse: {
    status: 409,
    title: 'Somebody else is connecting',
    text: `The connection is in use just now. ${again}`,
  },
  tooMany: {
    status: 429,
    title: 'Too many attempts',
    text: 'Too many requests came from your address. Wait a minute.',
  },
  failed: {
    status: 500,
    title: 'That did not work',
    text: `The failure is on our side. ${again}`,
  },
} as const satisfies Record<string, Page>

/** Dialpad did not give what it was asked for. */
export function failedPage(reason: string): Page {
  return { status: 502, title: 'Dialpad was not connected', text: `${reason}. ${again}` }
}

/** There is a connection, and still something to be done. */
export function incompletePage(reason: string, expired: boolean): Page {
  const text = expired
    ? `${reason}. ${again}`
    : `${reason}. It is tried again by itself; you can close this page.`
  return { status: 200, title: 'Dialpad is connected, but calls are not told yet', text }
}

const style =
  'body{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:15vh auto;padding:0 1.5rem;color-scheme:light dark}'
const styleHash = createHash('sha256').update(style).digest('base64')

/** What every answer to a browser carries: nothing is stored, sent on, framed or loaded. */
export const browserHeaders = {
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
} as const

/** Sends a page. */
export function sendPage(reply: FastifyReply, { status, title, text }: Page): FastifyReply {
  return reply
    .code(status)
    .headers(browserHeaders)
    .type('text/html; charset=utf-8')
    .send(
      `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(title)}</title><style>${style}</style><h1>${escaped(title)}</h1><p>${escaped(text)}</p></html>\n`,
    )
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
}
