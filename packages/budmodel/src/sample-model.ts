/** A door of its own, so that the command line need not load the registry to write a sample. */
export { type WrittenSample, writeSampleModel } from './services/write-sample-model.ts'
