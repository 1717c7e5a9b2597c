// The HEALTHCHECK of the image: fails unless the process of the same container lives.
const { PORT = '3000' } = process.env
const { ok } = await fetch(`http://127.0.0.1:${PORT}/livez`, { signal: AbortSignal.timeout(4_000) })
process.exitCode = ok ? 0 : 1
