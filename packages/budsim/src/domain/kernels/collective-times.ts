/** Times of collectives: measured curves inside one host, and what lies beyond them. */
import type { GpuSpec } from '@bud/kernel'
import type { CollectiveCurve } from './kernel-data.ts'
import { createCurve } from './log-curve.ts'

/** µs for a message of so many bytes. */
export type CollectiveTime = (bytes: number) => number
export type CurvesBySize = Readonly<Record<string, CollectiveCurve>>

const LEAST_BYTES = 256
/** Start of a collective that is no matter of bandwidth, when a curve is carried to other links. */
const START_US = 4
/** Each doubling of the group beyond the measured ones adds a hop. */
const HOP_US = 1
const ASSUMED_LINK_GB_S = 32
/** GPUs of one host that has no scale-up links. */
const GPUS_PER_HOST = 8
/** One network card of 400 Gbit/s per GPU between hosts, as reference designs have it. */
const NETWORK_GB_S = 50
const NETWORK_EFFICIENCY = 0.7
const NETWORK_START_US = 20

interface Measured {
  gpu: GpuSpec
  curves: CurvesBySize
}

export interface CollectiveSources {
  gpu: GpuSpec
  /** The measured GPU of the same architecture. */
  reference: Measured
  /** A measured GPU without scale-up links, for groups that reach past the links of a host. */
  bus: Measured
  /** How often the message crosses the network between hosts: twice for an all-reduce, else once. */
  crossings: number
}

/** Over `gpus` GPUs: by scale-up links, over the host's bus, or across hosts in two stages. */
export function createCollective(sources: CollectiveSources, gpus: number): CollectiveTime {
  if (gpus <= 1) return () => 0
  const { gpu } = sources
  const domain = Math.max(gpu.scale_up_domain_gpus, 1)
  if (gpus <= domain) return withinLinks(sources, gpus)
  if (gpus <= GPUS_PER_HOST) return overBus(sources, gpus)
  const local = domain >= 4 ? domain : GPUS_PER_HOST
  const inside = domain >= 4 ? withinLinks(sources, local) : overBus(sources, local)
  const hosts = Math.ceil(gpus / local)
  const networkGbS = Math.min(NETWORK_GB_S, gpu.pcie_bandwidth_gb_s ?? ASSUMED_LINK_GB_S) * NETWORK_EFFICIENCY
  const perByteUs = (sources.crossings * (hosts - 1)) / hosts / local / (networkGbS * 1e3)
  const startUs = NETWORK_START_US * Math.ceil(Math.log2(hosts))
  return (bytes) => inside(bytes) + startUs + bytes * perByteUs
}

export interface ExpertGroup {
  hidden: number
  perToken: number
  gpus: number
}

/** Bytes of one token both ways: fp8 to the GPUs that hold its experts (each once), bf16 back. */
export function exchangeBytes({ hidden, perToken, gpus }: ExpertGroup): number {
  return 3 * hidden * gpus * (1 - (1 - 1 / gpus) ** perToken)
}

/** Dispatch to experts and combination of their results, measured over all hosts of the group at once. */
export function createExchange(gpu: GpuSpec, { gpu: from, curves }: Measured, gpus: number): CollectiveTime {
  if (gpus <= 1) return () => 0
  const acrossHosts = gpus > gpu.scale_up_domain_gpus
  return carry(curves, gpus, from.id === gpu.id || acrossHosts ? 1 : linkOf(from) / linkOf(gpu))
}

function withinLinks({ gpu, reference }: CollectiveSources, gpus: number): CollectiveTime {
  const linkRatio = linkOf(reference.gpu) / linkOf(gpu)
  return carry(reference.curves, gpus, gpu.id === reference.gpu.id ? 1 : linkRatio)
}

function overBus({ gpu, reference, bus }: CollectiveSources, gpus: number): CollectiveTime {
  const measured = reference.gpu.scale_up_domain_gpus <= 1 ? reference : bus
  return carry(measured.curves, gpus, gpu.id === measured.gpu.id ? 1 : busOf(measured.gpu) / busOf(gpu))
}

/** The curve of the group size measured next above (or the largest), scaled to this group and these links. */
function carry(curves: CurvesBySize, gpus: number, linkRatio: number): CollectiveTime {
  const sizes = Object.keys(curves)
    .map(Number)
    .sort((a, b) => a - b)
  const size = sizes.find((measured) => measured >= gpus) ?? sizes[sizes.length - 1]
  const measured = curves[String(size)]
  if (size === undefined || measured === undefined) throw new Error('A collective has no measured curve')
  const curve = createCurve(measured.bytes, measured.microseconds)
  const larger = gpus > size
  const hopsUs = larger ? HOP_US * Math.log2(gpus / size) : 0
  const ratio = linkRatio * (larger ? (1 - 1 / gpus) / (1 - 1 / size) : 1)
  return (bytes) => {
    const time = curve(Math.max(bytes, LEAST_BYTES))
    return time <= START_US ? time + hopsUs : START_US + hopsUs + (time - START_US) * ratio
  }
}

const linkOf = (gpu: GpuSpec): number => gpu.scale_up_bandwidth_gb_s ?? ASSUMED_LINK_GB_S
const busOf = (gpu: GpuSpec): number => gpu.pcie_bandwidth_gb_s ?? ASSUMED_LINK_GB_S
