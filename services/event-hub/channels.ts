import { agentChannel, isChannel } from '@switchhook/shared/protocol'
import type { Principal } from '@switchhook/plugins/auth'

/** Channels whose name alone tells that they show calls. */
const callChannels = /^(?:calls$|agent:|team:|queue:|call:)/
/** What everyone in the app may know. */
const everyones = ['presence']

/** The channels a principal may watch; null: all of the app's. */
export function scopeOf({ role, sub, teams, queues }: Principal): readonly string[] | null {
  if (role === 'supervisor') return null
  return [
    agentChannel(sub),
    ...teams.map((team) => `team:${team}`),
    ...queues.map((queue) => `queue:${queue}`),
  ]
}

/** The same in words that a client can subscribe to. */
export function scopesOf(principal: Principal): string[] {
  const all = ['calls', 'agent:*', 'voicemail', 'registrations', 'ops']
  return [...(scopeOf(principal) ?? all), ...everyones]
}

/** What a client is subscribed to that does not say: all calls, or its own. */
export function defaultChannels(principal: Principal): readonly string[] {
  return principal.role === 'supervisor' ? ['calls'] : [agentChannel(principal.sub)]
}

/** A channel by its own name: `agent:me` is the user's. */
export function channelFor(name: string, { sub }: Principal): string {
  return name === 'agent:me' ? agentChannel(sub) : name
}

/**
 * Why a principal may not subscribe to a channel; null if it may. A call or the voicemails may be asked for by anyone:
 * only those that are the user's own will be shown.
 */
export function refusalOf(
  channel: string,
  principal: Principal,
): 'unknown_channel' | 'forbidden' | null {
  if (!isChannel(channel)) return 'unknown_channel'
  const scope = scopeOf(principal)
  if (scope === null || everyones.includes(channel) || scope.includes(channel)) return null
  return channel.startsWith('call:') || channel === 'voicemail' ? null : 'forbidden'
}

/** Whether someone who subscribes to it wants to see the live calls first. */
export function showsCalls(channel: string): boolean {
  return callChannels.test(channel)
}
