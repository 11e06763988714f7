/** What a scheduler or an engine said when a replica did not come up, read for the person who has to act on it. */
import type { Reason } from '@bud/kernel'

interface Reading {
  matches: RegExp
  code: string
  says: string
  next_step: string
}

/** First match wins: the specific before the general. */
const READINGS: readonly Reading[] = [
  {
    matches: /cuda out of memory|outofmemoryerror|hip out of memory|no available memory for the cache blocks/i,
    code: 'gpu-out-of-memory',
    says: 'ran out of GPU memory while loading',
    next_step:
      'Lower gpu_memory_utilization, max_num_seqs or max_model_len, raise tensor_parallel_size, or use a GPU with more memory.',
  },
  {
    matches: /oomkilled/i,
    code: 'out-of-memory',
    says: 'was killed because the node ran out of memory',
    next_step: 'Give the replica more memory, or load the weights by streaming.',
  },
  {
    matches: /unschedulable|insufficient|no node has|nodes are available/i,
    code: 'unschedulable',
    says: 'found no node with enough free GPUs',
    next_step: 'Free GPUs on the cluster (GET /clusters shows who has them), or use fewer per replica.',
  },
  {
    matches: /imagepull|errimage|manifest unknown/i,
    code: 'image-pull',
    says: 'could not get the engine’s image',
    next_step: 'Check the registry and the runtime_version.',
  },
  {
    matches: /unrecognized argument|no such option|unknown flag|invalid choice/i,
    code: 'unknown-flag',
    says: 'was started with an argument this engine version does not know',
    next_step: 'Use a runtime_version whose flags are known.',
  },
  {
    matches: /architectures?.* (are|is) not supported|unsupported architecture/i,
    code: 'unsupported-architecture',
    says: 'does not support the model’s architecture',
    next_step: 'Use another runtime or a newer runtime_version.',
  },
  {
    matches: /nccl/i,
    code: 'gpu-communication',
    says: 'could not connect its GPUs to each other (NCCL)',
    next_step: 'Check the node’s interconnect, or use a smaller tensor_parallel_size.',
  },
  {
    matches: /probe.*(failed|killed)|keyboardinterrupt: terminated/i,
    code: 'killed-while-loading',
    says: 'was killed by a probe before the model was loaded',
    next_step: 'Allow it more time to start.',
  },
]

/** `who` is the replica; `said` its last message, which becomes the evidence. */
export function readFailure(who: string, said: string | null): Reason {
  const reading = READINGS.find((candidate) => said !== null && candidate.matches.test(said))
  return {
    code: reading?.code ?? 'engine-crashed',
    message: `Replica ${who} ${reading?.says ?? 'ended before it was ready'}.`,
    evidence: said ?? undefined,
    next_step: reading?.next_step ?? 'Read the engine’s log: GET /endpoints/{id}/logs.',
  }
}
