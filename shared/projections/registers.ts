/**
 * When something was said: time, the provider's order value, event id. Times are RFC 3339 in UTC with milliseconds,
 * all of one length, so comparing them as text compares them in time. Text of any other form still has one order,
 * and one order is all that merging needs: such an event may win or lose wrongly, but everywhere alike.
 */
export type Stamp = readonly [time: string, order: number, id: string]

/** What one event said, each field the value of a register. Registers of one event share its stamp, for size. */
export interface Claim<Said> {
  readonly at: Stamp
  readonly said: Readonly<Partial<Said>>
}

/** Registers by the event that won them; each field is in one claim only, and claims are sorted by stamp. */
export type Claims<Said> = readonly Claim<Said>[]

/** Which claim of a field wins: the smallest stamp, or the greatest. */
export type Winner = 'first' | 'last'

/**
 * Fields per list of claims, which bounds provider ids. Those whose names sort first stay. Names never change, so
 * a field that is among the first of all fields is among the first of any part of them: it is never dropped on the
 * way to the whole, and what is merged first makes no difference.
 */
export const fieldLimit = 32

/** What one event says, as claims: none if it says nothing. */
export function claimsOf<Said>(at: Stamp, said: Partial<Said>): Claims<Said> {
  const names = namesOf(said)
  if (names.length === 0) return []
  const claims = [{ at, said }]
  return names.length > fieldLimit ? dropFields(claims, names) : claims
}

/** Merges two lists of claims, field by field: commutative, associative, idempotent. Shares what it can. */
export function mergeClaims<Said>(a: Claims<Said>, b: Claims<Said>, winner: Winner): Claims<Said> {
  if (a.length === 0) return b
  if (b.length === 0) return a
  const merged: Claim<Said>[] = []
  const taken = new Set<keyof Said & string>()
  let [i, j] = [0, 0]
  while (i < a.length || j < b.length) {
    const side = sideOf(a[i], b[j], winner)
    const next = side < 0 ? a[i]! : side > 0 ? b[j]! : joinClaims(a[i]!, b[j]!)
    if (side <= 0) i += 1
    if (side >= 0) j += 1
    const rest = takeRest(next, taken)
    if (rest) merged.push(rest)
  }
  return taken.size > fieldLimit ? dropFields(merged, taken) : merged
}

/** The value of a register; null if nobody has said it. */
export function valueOf<Said, Name extends keyof Said>(
  claims: Claims<Said>,
  name: Name,
): Said[Name] | null {
  for (const { said } of claims) {
    const value = said[name]
    if (value !== undefined) return value
  }
  return null
}

/** Claims without the fields that say a value; the very same ones if none does. */
export function unsay<Said>(claims: Claims<Said>, value: unknown): Claims<Said> {
  if (!claims.some(({ said }) => Object.values(said).includes(value))) return claims
  return claims
    .map(({ at, said }) => ({
      at,
      said: saying<Said>(entriesOf(said).filter(([, each]) => each !== value)),
    }))
    .filter(({ said }) => namesOf(said).length > 0)
}

/** Negative, zero or positive: the order of texts by UTF-16 unit, the same in every locale. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

/** Which list's head is next: negative `a`, positive `b`, 0 both, for they are of the same event. */
function sideOf(a: Claim<unknown> | undefined, b: Claim<unknown> | undefined, winner: Winner) {
  if (!a) return 1
  if (!b) return -1
  const order = compareStamps(a.at, b.at)
  return winner === 'first' ? order : -order
}

function compareStamps(a: Stamp, b: Stamp): number {
  return compareText(a[0], b[0]) || a[1] - b[1] || compareText(a[2], b[2])
}

/**
 * Claims of one event differ only if it was read twice in different ways (a duplicate numbered again, another
 * version). The smaller value wins, by no merit but being the same one on either side.
 */
function joinClaims<Said>(a: Claim<Said>, b: Claim<Said>): Claim<Said> {
  const said = new Map(entriesOf(a.said))
  for (const [name, theirs] of entriesOf(b.said)) {
    const mine = said.get(name)
    if (mine === undefined || sortable(theirs) < sortable(mine)) said.set(name, theirs)
  }
  return { at: a.at, said: saying<Said>(said) }
}

function sortable(value: unknown): string | number {
  return typeof value === 'number' ? value : JSON.stringify(value)
}

/** What of a claim is not taken yet, and takes it; null if that is nothing. */
function takeRest<Said>(claim: Claim<Said>, taken: Set<string>): Claim<Said> | null {
  const names = namesOf(claim.said)
  const rest = names.filter((name) => !taken.has(name))
  for (const name of rest) taken.add(name)
  if (rest.length === names.length) return claim
  return rest.length === 0 ? null : pick(claim, new Set(rest))
}

function dropFields<Said>(
  claims: Claims<Said>,
  names: Iterable<keyof Said & string>,
): Claims<Said> {
  const kept = new Set([...names].sort(compareText).slice(0, fieldLimit))
  return claims.map((claim) => pick(claim, kept)).filter(({ said }) => namesOf(said).length > 0)
}

function pick<Said>({ at, said }: Claim<Said>, names: ReadonlySet<string>): Claim<Said> {
  return { at, said: saying<Said>(entriesOf(said).filter(([name]) => names.has(name))) }
}

/** fromEntries defines properties, so a field that a provider named __proto__ stays data. */
function saying<Said>(entries: Iterable<readonly [string, unknown]>): Partial<Said> {
  return Object.fromEntries(entries) as Partial<Said>
}

function entriesOf(said: object): [string, unknown][] {
  return Object.entries(said)
}

function namesOf<Said>(said: Readonly<Partial<Said>>): (keyof Said & string)[] {
  return Object.keys(said) as (keyof Said & string)[]
}
