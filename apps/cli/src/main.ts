/** `bud`: every step of the workflow from the terminal. */
import { runProgram } from './program.ts'

await runProgram(process.argv.slice(2))
