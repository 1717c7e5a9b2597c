/** What the routes are about, in the order a reader meets them. */
export const tags = [
  {
    name: 'calls',
    description: 'The calls that live and those that have ended, with what happened in them.',
  },
  {
    name: 'voicemails',
    description: 'Messages that callers left, and whether somebody has heard them.',
  },
  {
    name: 'events',
    description:
      'What happens, as it happens or from where you left off, and events of your own. The same frames come over the WebSocket.',
  },
  { name: 'presence', description: 'Who is there to take a call.' },
  {
    name: 'sockets',
    description:
      'What a page needs before it opens `/ws` or `/ws/call`. What is said there is described in `/asyncapi.json`.',
  },
  { name: 'sip', description: 'Phones in a browser, and the PBXs that they reach through here.' },
  {
    name: 'apps',
    description: 'Whose calls these are: each app has its own keys, users, providers and events.',
  },
  {
    name: 'api-keys',
    description: 'Keys of an app for programs: made, rotated, revoked, and an account of that.',
  },
  {
    name: 'user-mappings',
    description: "Which user takes a provider's calls: by its id there, a number, or a SIP name.",
  },
  { name: 'providers', description: 'What an app checks the webhooks of its providers with.' },
  { name: 'connections', description: "Access to a provider's own API that somebody granted." },
  { name: 'webhooks', description: 'Where providers deliver what happens.' },
  {
    name: 'deliveries',
    description: 'What providers sent, as it came: to look at, to run again, to remove.',
  },
  { name: 'origins', description: 'The pages that may connect, and those that were refused.' },
  { name: 'health', description: 'Whether the process works, for balancers and for monitoring.' },
] as const
