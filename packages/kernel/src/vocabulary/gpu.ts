import { z } from 'zod'

/** One accelerator of the catalogue. Rates are dense, per GPU; null = the vendor states none. */
export const GpuSpec = z.object({
  id: z.string().describe('Catalogue id, e.g. "H100-SXM-80GB".'),
  vendor: z.string(),
  architecture: z.string(),
  memory_gb: z.number().describe('1 GB = 1e9 bytes, as vendors count for HBM sizes.'),
  memory_bandwidth_gb_s: z.number(),
  bf16_tflops: z.number(),
  fp8_tflops: z.number().nullable(),
  fp4_tflops: z.number().nullable(),
  int8_tops: z.number().nullable(),
  interconnect: z.string().nullable(),
  scale_up_bandwidth_gb_s: z.number().nullable().describe('One direction, per GPU, inside the scale-up domain.'),
  scale_up_domain_gpus: z.number().int(),
  pcie_bandwidth_gb_s: z.number().nullable().describe('One direction.'),
  tdp_w: z.number().nullable(),
})
export type GpuSpec = z.infer<typeof GpuSpec>
