import type { ControlFrames, PresenceEntry } from '@switchhook/shared/protocol'

/** Agents of one app; beyond, new ones are not kept. */
const maxAgents = 10_000

/** Brings what is known of the agents up to date. */
export function applyPresence(
  agents: Map<string, PresenceEntry>,
  { set, del }: ControlFrames['presence'],
): void {
  for (const agent of del) agents.delete(agent)
  for (const [agent, entry] of Object.entries(set))
    if (agents.size < maxAgents || agents.has(agent)) agents.set(agent, entry)
}
