import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { jwtSecret, temporaryDir } from '../kit/build.ts'
import { cleanEnvironment, root } from '../kit/process.ts'
import { authApp } from './auth-app.ts'
import { newSigner } from './auth-signers.ts'

t.test('a token is made in the few lines that the page shows', async (t) => {
  const dir = temporaryDir(t)
  const { privateKey, publicPem } = newSigner('ES256')
  writeFileSync(join(dir, 'private.pem'), privateKey.export({ type: 'sec1', format: 'pem' }))
  const page = readFileSync(join(root, 'docs/plugins/auth.md'), 'utf8')
  const programs = [...page.matchAll(/^```js\n([^]*?)^```$/gm)].map((match) => match[1]!)
  const environments = [{ JWT_SECRET: jwtSecret }, { JWT_SECRET: '', JWT_PUBLIC_KEY: publicPem }]
  t.equal(programs.length, environments.length)
  for (const [index, environment] of environments.entries()) {
    const file = join(dir, `token-${index}.mjs`)
    writeFileSync(file, `${programs[index]}\nprocess.stdout.write(token)\n`)
    const env = cleanEnvironment({ JWT_SECRET: environment.JWT_SECRET })
    const token = execFileSync(process.execPath, [file], { cwd: dir, env, encoding: 'utf8' })
    const { app } = await authApp(t, { environment })
    t.match(await app.verifyToken(token), { sub: '42', iat: Number, exp: Number })
  }
})
