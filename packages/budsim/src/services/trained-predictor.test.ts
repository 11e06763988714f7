import { loadReferenceData } from '../adapters/reference-data.ts'
import { loadTrainedModel } from '../adapters/trained-model.ts'
import { prices } from '../testing/fixtures.ts'
import { predictorContract } from '../testing/predictor.contract.ts'
import { untrainedModel } from '../testing/untrained-model.ts'
import { createTrainedPredictor } from './trained-predictor.ts'

const { kernels } = loadReferenceData()
predictorContract('physics without training', () =>
  createTrainedPredictor({ model: untrainedModel(), kernels, prices }),
)
predictorContract('the committed model', () => createTrainedPredictor({ model: loadTrainedModel(), kernels, prices }))
