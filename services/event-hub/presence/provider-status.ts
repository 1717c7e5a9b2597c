import type { LiveEvent } from '../feed/index.ts'
import type { Presence } from './index.ts'

const agentChannel = /^agent:([^*].*)$/s

/** An event that says how an agent is: so the provider's word of it is known. */
export function learnStatus(presence: Presence, { app, type, data, channels }: LiveEvent): void {
  if (type !== 'agent.status.changed') return
  const { availability, status } = data.details
  const word = [availability, status].find((one) => typeof one === 'string')
  if (typeof word !== 'string') return
  for (const channel of channels) {
    const agent = agentChannel.exec(channel)?.[1]
    if (agent !== undefined) presence.learn(app, agent, { provider: word })
  }
}
