import { LightPhone } from './light.ts'

/** How many phones are where. */
export interface Crowded {
  readonly registered: number
  readonly open: number
}

// node crowd-process.ts <url> <count> <origin>: as many phones as that, told by messages `come` and `leave`.
const [url = '', count = '', origin = ''] = process.argv.slice(2)

let isTold = true
/** At most once per turn of the event loop. */
const tell = (): void => {
  if (!isTold) return
  isTold = false
  setImmediate(() => {
    isTold = true
    const registered = phones.filter((phone) => phone.registered).length
    process.send?.({ registered, open: phones.filter((phone) => phone.open).length })
  })
}

const phones = Array.from({ length: Number(count) }, (_, index) => {
  const user = String(100_000 + index)
  return new LightPhone({ user, url, headers: { origin }, changed: tell })
})

process.on('message', (order) => {
  for (const phone of phones) {
    if (order === 'come') phone.come()
    else phone.leave()
  }
})
