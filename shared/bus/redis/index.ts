import { Condition } from '../../redis/condition.ts'
import { Listeners } from '../listeners.ts'
import { partitionCount, partitionOf } from './partitions.ts'
import { Reader } from './reader.ts'
import { Writer } from './writer.ts'
import type { JournalRow } from '../../journal/index.ts'
import type { Bus, BusReports, Listener } from '../contract.ts'
import type { RedisTarget } from '../../redis/index.ts'

/**
 * The bus between processes, over Redis Streams (6.2 or newer, or Valkey). One server holds all partitions: one
 * connection writes, one reads. In a cluster a command may not span slots, so each partition has its own two, made
 * when first needed. Redis may be away at any time, at the start as well: it is in use again by itself, at most two
 * seconds after it is back.
 */
export class RedisBus implements Bus {
  readonly #target: RedisTarget
  readonly #condition: Condition
  readonly #listeners: Listeners
  readonly #writers = new Map<number, Writer>()
  readonly #readers = new Map<number, Reader>()
  #closed: Promise<void> | null = null

  /** Begins to connect; nothing waits for it. */
  constructor(target: RedisTarget, reports: BusReports) {
    this.#target = target
    this.#condition = new Condition(reports)
    this.#listeners = new Listeners(reports.onError)
    // So that an address that leads nowhere is known from the start.
    this.#writerOf(0)
  }

  publish(app: string, rows: readonly JournalRow[]): void {
    if (!this.#closed) this.#writerOf(partitionOf(app)).add(app, rows)
  }

  subscribe(app: string, listener: Listener): () => void {
    if (this.#closed) return () => {}
    const partition = partitionOf(app)
    const remove = this.#listeners.add(app, listener)
    const reader = this.#readerOf(partition)
    reader.want(partition)
    let ended = false
    return () => {
      if (ended) return
      ended = true
      remove()
      reader.release(partition)
    }
  }

  async ping(): Promise<void> {
    if (this.#condition.failure) throw this.#condition.failure
    await this.#writerOf(0).ping()
  }

  close(): Promise<void> {
    return (this.#closed ??= this.#close())
  }

  async #close(): Promise<void> {
    this.#listeners.clear()
    const links = [...this.#readers.values(), ...this.#writers.values()]
    await Promise.all(links.map((link) => link.close()))
  }

  #writerOf(partition: number): Writer {
    const shard = this.#shardOf(partition)
    let writer = this.#writers.get(shard)
    if (!writer) {
      const writers = this.#target.kind === 'cluster' ? partitionCount : 1
      writer = new Writer({ target: this.#target, partition, writers, condition: this.#condition })
      this.#writers.set(shard, writer)
    }
    return writer
  }

  #readerOf(partition: number): Reader {
    const shard = this.#shardOf(partition)
    let reader = this.#readers.get(shard)
    if (!reader) {
      reader = new Reader({
        target: this.#target,
        partition,
        listeners: this.#listeners,
        condition: this.#condition,
        unblock: (clientId) => this.#writers.get(shard)?.unblock(clientId),
      })
      this.#readers.set(shard, reader)
    }
    return reader
  }

  /** Partitions that share their connections. */
  #shardOf(partition: number): number {
    return this.#target.kind === 'cluster' ? partition : 0
  }
}
