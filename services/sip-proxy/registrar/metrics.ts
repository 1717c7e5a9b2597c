import { Counter, Gauge, type Registry } from 'prom-client'

/** What the registrar counts. */
export interface RegistrarMetrics {
  /** A REGISTER was answered so. */
  answered(upstream: string, status: number): void
  /** Something could not be read, and passed all the same. */
  unread(upstream: string): void
}

/**
 * Registers the registrar's metrics; labels are bounded: names of upstreams, classes of status.
 * @param count how many are registered now, by upstream
 */
export function registrarMetrics(
  registry: Registry,
  count: () => ReadonlyMap<string, number>,
): RegistrarMetrics {
  const registers = [registry]
  const registrations = new Gauge({
    name: 'switchhook_sip_registrations',
    help: 'Contacts that PBXs took from the sockets of this process',
    labelNames: ['upstream'],
    registers,
    collect() {
      registrations.reset()
      for (const [upstream, value] of count()) registrations.set({ upstream }, value)
    },
  })
  const answers = new Counter({
    name: 'switchhook_sip_registers_total',
    help: 'REGISTERs by the class of their final answer, 2xx to 6xx',
    labelNames: ['upstream', 'status'],
    registers,
  })
  const unread = new Counter({
    name: 'switchhook_sip_registers_unread_total',
    help: 'REGISTERs and answers that passed without being understood',
    labelNames: ['upstream'],
    registers,
  })
  return {
    answered: (upstream, status) =>
      answers.inc({ upstream, status: `${Math.floor(status / 100)}xx` }),
    unread: (upstream) => unread.inc({ upstream }),
  }
}
