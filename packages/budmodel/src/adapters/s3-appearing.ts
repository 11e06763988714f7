/**
 * How an object becomes visible without replacing another: by `If-None-Match: *` where the server heeds it. Where it does
 * not, two writers of one key in this process still take turns, but those of two processes could overwrite each other.
 */
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { KeyedMutex } from '@bud/kernel'
import { CONDITIONS, storedAlready } from './artifact-keys.ts'
import type { S3Bucket } from './s3-client.ts'
import { s3StatusOf } from './s3-errors.ts'
import { headObject } from './s3-reads.ts'

export interface WriteCondition {
  IfNoneMatch?: '*'
}
/** Sends the request that makes an object visible. */
export type Appear = <T>(send: (condition: WriteCondition) => Promise<T>) => Promise<T>

export const replacing: Appear = (send) => send({})

export class S3Appearing {
  readonly #bucket: S3Bucket
  readonly #turns = new KeyedMutex()
  #heeded: Promise<boolean> | undefined

  constructor(bucket: S3Bucket) {
    this.#bucket = bucket
  }

  /** Conflict when an object is there already. */
  asFirst(key: string): Appear {
    return async (send) =>
      (await this.#conditionsHeeded()) ? send({ IfNoneMatch: '*' }) : this.inTurn(key, () => send({}))
  }

  /** For requests that servers make unconditionally. Conflict when an object is there already. */
  async inTurn<T>(key: string, send: () => Promise<T>): Promise<T> {
    return this.#turns.run(key, async () => {
      if (await headObject(this.#bucket, key)) throw storedAlready(key)
      return send()
    })
  }

  #conditionsHeeded(): Promise<boolean> {
    this.#heeded ??= this.#tryConditions().catch((error) => {
      this.#heeded = undefined
      throw error
    })
    return this.#heeded
  }

  /** A server that heeds the condition refuses to write the same object twice. */
  async #tryConditions(): Promise<boolean> {
    for (let time = 1; time <= 2; time++) {
      const refusal = await this.#bucket.client
        .send(new PutObjectCommand({ ...this.#bucket.at(CONDITIONS), Body: '', ContentLength: 0, IfNoneMatch: '*' }))
        .then(() => undefined, s3Refusal)
      if (refusal !== undefined) return refusal === 412
    }
    return false
  }
}

/** 412: the condition is heeded; 400, 501: it is not known. */
function s3Refusal(error: unknown): number {
  const status = s3StatusOf(error)
  if (status === 412 || status === 400 || status === 501) return status
  throw error
}
