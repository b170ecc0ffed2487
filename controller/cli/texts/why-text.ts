import { durationText } from '../../../lib/duration-text.ts';
import type { AnswerDocument, HolderDocument, WhyDocument } from '../../../proto/zdms/v1/documents.ts';

/** Those that hold something, in one answer; `-o json` has them all. */
const HOLDERS_SHOWN = 8;

/** What `zdms why` prints. `now` is UTC ms. */
export function whyText({ answers }: WhyDocument, now: number): string {
  const several = answers.length > 1;
  const texts = answers.map((answer) => answerLines(answer, several, now).join('\n'));
  return `${texts.join('\n\n')}\n`;
}

function answerLines(answer: AnswerDocument, several: boolean, now: number): readonly string[] {
  const { rollout, text, rule, holders, mayDo } = answer;
  const where = several && rollout !== null ? `rollout ${rollout}  ` : '';
  if (rule === null) return [`${where}${text}`];
  const more = holders.length - HOLDERS_SHOWN;
  return [
    `${where}${text}`,
    line('rule', rule),
    ...holders
      .slice(0, HOLDERS_SHOWN)
      .map((holder, index) => line(index === 0 ? 'held by' : '', holderText(holder, now))),
    ...(more > 0 ? [line('', `and ${more} more`)] : []),
    ...mayDo.map((way, index) => line(index === 0 ? 'you may' : '', way)),
  ];
}

function line(title: string, text: string): string {
  return `  ${title.padEnd(7)}  ${text}`.trimEnd();
}

function holderText({ host, rollout, state, step, since, backAt }: HolderDocument, now: number): string {
  const parts = [
    host,
    ...(rollout === null ? ['not by a rollout'] : [`rollout ${rollout}`]),
    ...(state === null ? [] : [`${state}${since === null ? '' : ` for ${durationText(now - since)}`}`]),
    ...(step === null ? [] : [step]),
    ...(backAt === null ? [] : [`back in about ${durationText(backAt - now)}`]),
  ];
  return parts.join('  ');
}
