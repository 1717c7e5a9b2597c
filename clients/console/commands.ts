/** Prints a token to sign in with. */
export const tokenCommand = 'npx -y pnpm@12 switchhook token --email you@example.com'

/** Plays one signed sample call into the running suite. */
export const callCommand = 'npx -y pnpm@12 switchhook simulate --pace human'

/** Starts a suite of its own that plays calls without end. */
export const demoCommand = 'npx -y pnpm@12 demo'
