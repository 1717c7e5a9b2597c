import { Type } from 'typebox'

/** Where a process listens: read by the process itself, and by a program that starts one. */
export const Listen = Type.Object({
  host: Type.String({ env: 'HOST', default: '127.0.0.1', description: 'Address to listen on.' }),
  port: Type.Integer({
    env: 'PORT',
    default: 3000,
    minimum: 0,
    maximum: 65535,
    description: 'Port to listen on; 0 takes a free one.',
    example: '3000',
  }),
})

/** What user tokens are signed with and must say: read by those who verify them and by those who make them. */
export const Tokens = Type.Object({
  secrets: Type.Array(Type.String({ minLength: 32 }), {
    env: 'JWT_SECRET',
    separator: ',',
    secret: true,
    generated: 32,
    minItems: 1,
    description:
      'Signs user tokens (HS256), at least 32 characters; `a,b` are both accepted while you rotate.',
  }),
  issuer: Type.Optional(
    Type.String({ env: 'JWT_ISSUER', description: 'The `iss` every token must then carry.' }),
  ),
  audience: Type.Optional(
    Type.String({ env: 'JWT_AUDIENCE', description: 'The `aud` every token must then carry.' }),
  ),
})
