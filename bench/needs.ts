import { existsSync } from 'node:fs'

/** A peer that may need a program which npm does not bring. */
export interface Needing {
  readonly name: string
  /** The program, and the Debian package that brings it. */
  readonly needs?: { readonly program: string; readonly package: string }
}

/** Whether everything a peer needs is here. */
export const isHere = ({ needs }: Needing): boolean =>
  needs === undefined || existsSync(needs.program)

/** Those whose program is not on this machine, and how to get it: a line for each. */
export function leftOut(peers: readonly Needing[]): string[] {
  return peers
    .filter((peer) => !isHere(peer))
    .map(
      ({ name, needs }) =>
        `${name} is left out: no ${needs!.program} (apt-get install ${needs!.package})`,
    )
}
