import { eicarTestString } from '../domain/scan/signature-search.ts'
import { pickleOf, pickleOp } from '../testing/pickle-writer.ts'
import { testScanner, testStreamScanner } from '../testing/scanner.contract.ts'
import { createFormatScanner } from './format-scanner.ts'
import { createSignatureScanner } from './signature-scanner.ts'

testScanner(createFormatScanner(), {
  path: 'weights.bin',
  content: pickleOf(
    pickleOp.proto(2),
    pickleOp.global('os', 'system'),
    pickleOp.emptyTuple(),
    pickleOp.reduce(),
    pickleOp.stop(),
  ),
})

testStreamScanner(createSignatureScanner(), { path: 'notes.txt', content: Buffer.from(`xyz${eicarTestString}`) })
