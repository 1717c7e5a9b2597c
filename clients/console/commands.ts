/** Where this page comes from, without a slash at the end: what the commands below are told. */
export const base = new URL('.', document.baseURI).href.replace(/\/$/, '')

const cli = 'npx -y pnpm@12 switchhook'

/** Prints a token to sign in with. */
export const tokenCommand = `${cli} token --email you@example.com`

/** Plays one signed sample call into this suite, as slowly as people are. */
export const callCommand = `${cli} simulate --pace human --url ${base}/webhooks/telnyx`

/** Plays sample calls of a provider whose callers leave messages when nobody answers, which is not every time. */
export const voicemailCommand = `${cli} simulate --provider dialpad --calls 10 --pace fast --url ${base}/webhooks/dialpad`

/** Prints the keys that the command above needs, once. */
export const keyCommand = `${cli} simulate --new-key`

/** Tries how a PBX takes browsers, and what to change. */
export const sipCommand = `${cli} doctor sip wss://pbx.example.com:8089/ws`

/** Starts another suite that plays calls without end. */
export const demoCommand = 'npx -y pnpm@12 demo'
