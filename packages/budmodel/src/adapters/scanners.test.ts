import { eicarTestString } from '../domain/scan/signature-search.ts'
import { pickleOf, pickleOp } from '../testing/pickle-writer.ts'
import { testScanner, testStreamScanner } from '../testing/scanner.contract.ts'
import { createFormatScanner } from './format-scanner.ts'
import { createSecretScanner } from './secret-scanner.ts'
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

testStreamScanner(createSecretScanner(), {
  path: 'notes.txt',
  content: Buffer.from(`token = "${['hf', 'QmVrYW5udGVyU2NobHVlc3NlbDEyMzQ1Njc4'.slice(0, 34)].join('_')}"\n`),
})
