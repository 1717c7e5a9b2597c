import { announce } from '../control.ts'

// Loaded before the real process, so that it can be told to collect its garbage; the process says itself where it listens.
await announce({ port: 0 })
