import type { Command } from '../command.ts'

type Load = () => Promise<Command>

/** Every command by its name of one or two words. Each is read when it is called: a token is not to wait for the rest. */
export const commands: Readonly<Record<string, Load>> = {
  demo: async () => (await import('./demo.ts')).demo,
  serve: async () => (await import('./serve.ts')).serve,
  token: async () => (await import('./token.ts')).token,
  simulate: async () => (await import('./simulate.ts')).simulate,
  'keys create': async () => (await import('./keys.ts')).keysCreate,
  'keys rotate': async () => (await import('./keys.ts')).keysRotate,
  'keys revoke': async () => (await import('./keys.ts')).keysRevoke,
  'keys list': async () => (await import('./keys.ts')).keysList,
  'events tail': async () => (await import('./events.ts')).eventsTail,
  replay: async () => (await import('./replay.ts')).replay,
  doctor: async () => (await import('../doctor/deployment.ts')).doctor,
  'doctor tls': async () => (await import('../doctor/tls.ts')).doctorTls,
  'doctor sip': async () => (await import('../doctor/sip.ts')).doctorSip,
  'doctor origin': async () => (await import('../doctor/origin.ts')).doctorOrigin,
  'doctor ws': async () => (await import('../doctor/ws.ts')).doctorWs,
  'doctor webhooks': async () => (await import('../doctor/webhooks.ts')).doctorWebhooks,
  'config check': async () => (await import('./config.ts')).configCheck,
  'config docs': async () => (await import('./config.ts')).configDocs,
  migrate: async () => (await import('./migrate.ts')).migrate,
  export: async () => (await import('./export.ts')).exportCommand,
  import: async () => (await import('./import.ts')).importCommand,
  'epoch renew': async () => (await import('./epoch.ts')).epochRenew,
}

/** Commands that are to be shown side by side. */
export async function loaded(names: readonly string[]): Promise<Readonly<Record<string, Command>>> {
  const entries = names.map(async (name) => [name, await commands[name]!()] as const)
  return Object.fromEntries(await Promise.all(entries))
}
