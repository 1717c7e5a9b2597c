import { issue, newSubject, type Signer } from './issue.ts'
import { newKey } from './key.ts'

/** What a server shows: everything PEM. */
export interface Identity {
  /** PKCS #8. */
  readonly key: string
  /** The leaf alone. */
  readonly cert: string
  /** The full chain as a server should send it: the leaf, then what leads to the root, without the root. */
  readonly chain: readonly string[]
}

export interface LeafOptions {
  /** Host names and IP addresses; `localhost` and 127.0.0.1 if not given. */
  readonly names?: readonly string[]
  readonly commonName?: string
  /** A day ago if not given. */
  readonly notBefore?: Date
  /** In thirty days if not given. */
  readonly notAfter?: Date
  /** URL of CA Issuers, where the certificate of the issuer is to be had. */
  readonly aia?: string
  /** PKCS #8 PEM of a key that is there already, as after a renewal that keeps it. */
  readonly key?: string
}

/** A root, an intermediate it signed, and what that signs. */
export interface Authority {
  /** PEM. */
  readonly root: string
  /** PEM. */
  readonly intermediate: string
  /** The common names of the two. */
  readonly names: { readonly root: string; readonly intermediate: string }
  issue(options?: LeafOptions): Promise<Identity>
}

/** Makes an authority whose certificates are `<name> Root` and `<name> Intermediate`; nobody trusts it yet. */
export async function makeAuthority(name = 'Example'): Promise<Authority> {
  const names = { root: `${name} Root`, intermediate: `${name} Intermediate` }
  const root = await newSubject(names.root)
  const rootCert = await issue({ subject: root, authority: true })
  const intermediate = await newSubject(names.intermediate)
  const intermediateCert = await issue({
    subject: intermediate,
    signer: { ...root, cert: rootCert },
    authority: true,
  })
  const signer = { ...intermediate, cert: intermediateCert }
  return {
    root: rootCert,
    intermediate: intermediateCert,
    names,
    issue: (options = {}) => leaf(options, signer, [intermediateCert]),
  }
}

/** A certificate that is its own issuer, as most PBXs have after their installation. */
export async function selfSigned(options: LeafOptions = {}): Promise<Identity> {
  return leaf(options, null, [])
}

async function leaf(
  options: LeafOptions,
  signer: Signer | null,
  rest: readonly string[],
): Promise<Identity> {
  const { names = ['localhost', '127.0.0.1'], key = await newKey() } = options
  const subject = await newSubject(options.commonName ?? names[0] ?? 'nobody', key)
  const cert = await issue({ ...options, names, subject, ...(signer && { signer }) })
  return { key, cert, chain: [cert, ...rest] }
}
