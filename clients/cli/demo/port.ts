import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { Failure } from '../exit-codes.ts'

const anotherPort = 'Choose another one, e.g. PORT=3100 npx -y pnpm@12 demo'

/**
 * Makes sure that the port can be listened on, and picks one for port 0.
 * @throws Failure that names PORT or HOST
 */
export async function claimPort(host: string, port: number): Promise<number> {
  const server = createServer()
  try {
    server.listen({ host, port })
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  } catch (error) {
    throw refusal(error as NodeJS.ErrnoException, host, port)
  } finally {
    server.close()
  }
}

function refusal({ code, message }: NodeJS.ErrnoException, host: string, port: number): Failure {
  if (code === 'EADDRINUSE') {
    return new Failure(`PORT ${port} is taken: something already listens there.`, anotherPort)
  }
  if (code === 'EACCES') return new Failure(`PORT ${port} needs privileges.`, anotherPort)
  return new Failure(`HOST ${host} cannot be listened on: ${message}`)
}
