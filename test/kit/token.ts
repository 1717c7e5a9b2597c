import { SignJWT } from 'jose'

/** Signs a user token with an independent JWT library. */
export function signToken(
  secret: string,
  claims: Record<string, unknown> = {},
  {
    expires = '1h',
    algorithm = 'HS256',
  }: { expires?: string | number | null; algorithm?: string } = {},
): Promise<string> {
  const payload = { sub: 'u1', email: 'test@example.com', ...claims }
  const jwt = new SignJWT(payload).setProtectedHeader({ alg: algorithm, typ: 'JWT' }).setIssuedAt()
  if (expires !== null) jwt.setExpirationTime(expires)
  return jwt.sign(new TextEncoder().encode(secret))
}
