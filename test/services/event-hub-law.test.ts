import t from 'tap'
import { build } from '../kit/build.ts'
import { hubLaw } from '../contracts/hub-law.ts'
import type { StartShape } from '../contracts/webhook-to-browser.ts'

const start: StartShape = async (t, environment = {}) => {
  const { url, token } = await build(t, { environment })
  return { url, webhooks: url, hubs: [url], token }
}

hubLaw(t, start, { seed: 1, events: 250, followers: 50 })
hubLaw(t, start, { seed: 2, events: 150, followers: 30, environment: { WS_RING_EVENTS: '3' } })
