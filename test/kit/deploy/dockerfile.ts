import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DockerfileParser, type Instruction } from 'dockerfile-ast'
import { root } from '../process.ts'

/** A line of a Dockerfile: `COPY --from=app /app ./` has one flag and two words. */
export interface Step {
  readonly keyword: string
  readonly flags: Readonly<Record<string, string>>
  readonly words: readonly string[]
  /** The words as they stand there, on one line. */
  readonly text: string
}

export interface Stage {
  readonly name: string
  /** An image, or the name of an earlier stage. */
  readonly base: string
  readonly steps: readonly Step[]
}

export const dockerfile = readFileSync(join(root, 'deploy/Dockerfile'), 'utf8')

/** The stages of a Dockerfile, in order. */
export function stagesOf(text: string): Stage[] {
  const stages: { name: string; base: string; steps: Step[] }[] = []
  for (const instruction of DockerfileParser.parse(text).getInstructions()) {
    const step = stepOf(instruction)
    if (step.keyword === 'FROM') {
      const [base = '', , name = ''] = step.words
      stages.push({ name, base, steps: [] })
    } else stages.at(-1)!.steps.push(step)
  }
  return stages
}

interface Flagged {
  getFlags(): { getName(): string; getValue(): string | null }[]
}

function stepOf(instruction: Instruction): Step {
  const words = instruction.getArguments().map((argument) => argument.getValue())
  const flags = 'getFlags' in instruction ? (instruction as unknown as Flagged).getFlags() : []
  return {
    keyword: instruction.getKeyword(),
    flags: Object.fromEntries(flags.map((flag) => [flag.getName(), flag.getValue() ?? ''])),
    words,
    text: words.join(' '),
  }
}
