/** The simulator on this machine: budsim with its committed catalogues, prices and trained model, loaded when needed. */
import type { CasePredictor, GpuCatalogue, ModelCatalogue, Predictor, TrainedModel } from '@bud/budsim'
import type { ReferenceData } from '@bud/budsim/adapters/reference-data'

export interface Simulator {
  budsim: typeof import('@bud/budsim')
  reference: ReferenceData
  gpus: GpuCatalogue
  models: ModelCatalogue
}

export async function openSimulator(): Promise<Simulator> {
  const [budsim, { loadReferenceData }] = await Promise.all([
    import('@bud/budsim'),
    import('@bud/budsim/adapters/reference-data'),
  ])
  const reference = loadReferenceData()
  return {
    budsim,
    reference,
    gpus: budsim.createGpuCatalogue(reference.gpus),
    models: budsim.createModelCatalogue(reference.models),
  }
}

export async function openTrainedModel(): Promise<TrainedModel> {
  const { loadTrainedModel } = await import('@bud/budsim/adapters/trained-model')
  return loadTrainedModel()
}

/** Predicts rows. */
export async function openCasePredictor({ budsim, reference }: Simulator): Promise<CasePredictor> {
  return budsim.createCasePredictor(await openTrainedModel(), reference.kernels)
}

/** Predicts deployments. */
export async function openPredictor({ budsim, reference }: Simulator): Promise<Predictor> {
  const { kernels, prices } = reference
  return budsim.createTrainedPredictor({ model: await openTrainedModel(), kernels, prices })
}
