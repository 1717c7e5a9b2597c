import { configCheck, configDocs } from './config.ts'
import { demo } from './demo.ts'
import { epochRenew } from './epoch.ts'
import { eventsTail } from './events.ts'
import { exportCommand } from './export.ts'
import { importCommand } from './import.ts'
import { keysCreate, keysList, keysRevoke, keysRotate } from './keys.ts'
import { migrate } from './migrate.ts'
import { replay } from './replay.ts'
import { serve } from './serve.ts'
import { simulate } from './simulate.ts'
import { token } from './token.ts'
import { doctor } from '../doctor/deployment.ts'
import { doctorOrigin } from '../doctor/origin.ts'
import { doctorSip } from '../doctor/sip.ts'
import { doctorTls } from '../doctor/tls.ts'
import { doctorWebhooks } from '../doctor/webhooks.ts'
import { doctorWs } from '../doctor/ws.ts'
import type { Command } from '../command.ts'

/** Every command by its name of one or two words. */
export const commands: Readonly<Record<string, Command>> = {
  demo,
  serve,
  token,
  simulate,
  'keys create': keysCreate,
  'keys rotate': keysRotate,
  'keys revoke': keysRevoke,
  'keys list': keysList,
  'events tail': eventsTail,
  replay,
  doctor,
  'doctor tls': doctorTls,
  'doctor sip': doctorSip,
  'doctor origin': doctorOrigin,
  'doctor ws': doctorWs,
  'doctor webhooks': doctorWebhooks,
  'config check': configCheck,
  'config docs': configDocs,
  migrate,
  export: exportCommand,
  import: importCommand,
  'epoch renew': epochRenew,
}
