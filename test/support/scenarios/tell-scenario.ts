import { type ActPart, parseScenario, type Part, scenarioText } from './scenario-file.ts';
import { Story } from './story.ts';
import { happen } from './world-line.ts';
import { worldLines } from './world-lines.ts';
import { runCommand } from './zdms-command.ts';

/** Lives a scenario through; resolves to the same text with the outputs as they are now. Throws, naming the line, where it cannot go on. */
export async function tellScenario(text: string): Promise<string> {
  const story = new Story();
  const told: Part[] = [];
  for (const part of parseScenario(text)) told.push(part.kind === 'text' ? part : await act(part, story));
  return scenarioText(told);
}

async function act(part: ActPart, story: Story): Promise<Part> {
  try {
    const output = await outputOf(part, story);
    story.assertSound();
    return { ...part, output: output.replace(/\n*$/, '') };
  } catch (error) {
    throw new Error(`line ${part.line}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

async function outputOf({ kind, words, input }: ActPart, story: Story): Promise<string> {
  return kind === 'world'
    ? happen(worldLines, words, story, input)
    : runCommand(words, await story.fleet(), story.files, story.plans);
}
