/** What a client may subscribe to; `me` is the user itself, `agent:*` everybody's calls that belong to somebody. */
const pattern =
  /^(?:calls|presence|registrations|voicemail|ops|agent:[*]|(?:agent|team|queue|call):(?![*]$).{1,512})$/su

/** Whether the text names a channel. */
export function isChannel(text: string): boolean {
  return pattern.test(text)
}

/** The calls of one of our users. */
export function agentChannel(sub: string): string {
  return `agent:${sub}`
}
