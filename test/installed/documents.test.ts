import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'mocha';
import { commandsOf, readDocument, userDocuments, allCommands } from '../support/documents/document.ts';
import type { CodeBlock, CommandLine, UserDocument } from '../support/documents/document.ts';
import { fileOf } from '../support/documents/file-block.ts';
import { answersIn, shapeOf, shapesOf, transcriptText, type Answered } from '../support/documents/transcript.ts';
import { repositoryRoot } from '../support/source-files.ts';
import { drills } from './documents/drills.ts';
import { ForeseenNames } from './documents/names.ts';
import { notRun } from './documents/not-run.ts';
import { keep, prepareForReader, runInCheckout, shortenDeadlines } from './documents/reader.ts';
import { typeOn } from './documents/typed.ts';
import { CONTROLLER_HOST } from './packaged-fleet.ts';
import { endPackagedLab, freshPackagedLab } from './shared-lab.ts';

const TRANSCRIPT = `${repositoryRoot}docs/transcript.md`;
/** What they print depends on the moment, and what others say is not ours. */
const OF_THE_MOMENT = /^zdms (status|why|watch)\b|^(?!zdms )/;
const TYPE_DEADLINE_MS = 300_000;
const ENDS_WITH = /# ends with (\d+)/;

describe('the documents, as a reader follows them on hosts of the lab:', () => {
  before('build a lab', async () => {
    await freshPackagedLab();
    await prepareForReader();
  });
  after('take it down', endPackagedLab);

  const answers: Answered[] = [];
  follow(readDocument('docs/start.md'), (answered) => answers.push(answered));

  describe('docs/transcript.md', () => {
    it('shows what was printed', () => {
      if (process.env['ZDMS_UPDATE'] === '1') writeFileSync(TRANSCRIPT, transcriptText(answers));
      const kept = answersIn(readFileSync(TRANSCRIPT, 'utf8')).filter(isComparable);
      const shapes = (list: readonly Answered[]) => list.map((each) => [shapeOf(each.command), shapesOf(each.output)]);
      assert.deepEqual(shapes(answers.filter(isComparable)), shapes(kept));
    });
  });

  follow(readDocument('docs/how-to.md'));
  describe('with shorter deadlines', () => {
    before(shortenDeadlines);
    follow(readDocument('docs/runbooks.md'));
  });
});

describe('what is not run of the documents', () => {
  it('is in one of them', () => {
    const commands = new Set(
      userDocuments()
        .flatMap(allCommands)
        .map(({ command }) => command),
    );
    assert.deepEqual(
      Object.keys(notRun).filter((line) => !commands.has(line)),
      [],
    );
  });
});

function isComparable({ command }: Answered): boolean {
  return !OF_THE_MOMENT.test(command);
}

/** A suite for each heading that has files or commands below it. */
function follow(document: UserDocument, tell: (answered: Answered) => void = () => undefined): void {
  describe(document.file, () => {
    for (const [heading, blocks] of sectionsOf(document)) {
      const drill = drills[document.file]?.[heading] ?? {};
      describe(heading, () => {
        const names = new ForeseenNames();
        if (drill.before !== undefined) before('make it so', drill.before);
        if (drill.after !== undefined) after('set it right', drill.after);
        for (const block of blocks) followBlock(block, document.file, names, tell);
      });
    }
  });
}

function sectionsOf({ parts }: UserDocument): ReadonlyMap<string, readonly CodeBlock[]> {
  const sections = new Map<string, CodeBlock[]>();
  let heading = '';
  for (const part of parts) {
    if (part.kind === 'heading') heading = part.title;
    else sections.set(heading, [...(sections.get(heading) ?? []), part]);
  }
  return sections;
}

function followBlock(block: CodeBlock, file: string, names: ForeseenNames, tell: (answered: Answered) => void): void {
  const kept = fileOf(block);
  if (block.language !== 'console') {
    if (kept === null) return;
    it(`${kept} is written`, () => keep(kept, block));
    return;
  }
  const [place, host] = block.words;
  for (const line of commandsOf(block, file)) {
    if (line.command in notRun) continue;
    it(`$ ${line.command}`, async () => {
      const command = names.inPlace(line.command);
      const { code, output } =
        place === 'checkout'
          ? await runInCheckout(command)
          : await typeOn(host ?? CONTROLLER_HOST, command, TYPE_DEADLINE_MS);
      names.read(output);
      tell({ command, output: /^zdms /.test(command) ? output : '' });
      assert.equal(code, Number(ENDS_WITH.exec(command)?.[1] ?? 0), `${command}\n${output}`);
      assertShown(line, output);
    });
  }
}

/** What a document shows of an answer has to be in it, whatever the times and numbers. */
function assertShown({ shown, where }: CommandLine, output: string): void {
  const shapes = shapesOf(output);
  const wanted = shown.filter((line) => line.trim() !== '' && line.trim() !== '...').map(shapeOf);
  assert.deepEqual(
    wanted.filter((line) => !shapes.includes(line)),
    [],
    `${where}: not in\n${output}`,
  );
}
