import { z } from 'zod';
import type { Change } from '../core/change.ts';
import { factNames, factsIn, type FileAction, type WantedFile } from '../core/files.ts';
import type { YamlFile } from './yaml-file.ts';

/** The same as on the SSH wire; config may not import the wires, a test holds them together. */
export const filePathPattern = /^(\/(?!\.{1,2}(\/|$))[A-Za-z0-9._@+-]+)+$/;
export const accountNamePattern = /^[a-z_][a-z0-9_-]{0,31}$/;
const filesMax = 50;
export const fileBytesMax = 131_072;

const PATH_CHARACTERS_MAX = 400;
const actionPattern = /^(nothing|reboot|(reload|restart) ([A-Za-z0-9][A-Za-z0-9:_.@-]{0,112}))$/;

/** Control characters are none, and would be seven times as long on the wire. */
const TEXT = /^[^\u0000-\u0008\u000b\u000c\u000e-\u001f]*$/;

const fileFields = z.strictObject({
  path: z.string().max(PATH_CHARACTERS_MAX).regex(filePathPattern),
  content: z.string().max(fileBytesMax).regex(TEXT),
  template: z.boolean().default(false),
  mode: z
    .string()
    .regex(/^0?[0-7]{3}$/)
    .default('0644')
    .transform((text) => Number.parseInt(text, 8)),
  owner: z.string().regex(accountNamePattern).default('root'),
  group: z.string().regex(accountNamePattern).default('root'),
  then: z.string().regex(actionPattern).transform(toAction),
  drain: z.boolean().optional(),
});
/** Who does not say so drains: a request that is lost to a reload is lost for good. */
const wantedFile = fileFields.transform((file) => ({ ...file, drain: file.drain ?? file.then.kind !== 'nothing' }));

/** Files of a change, each whole in its own entry. */
export const wantedFiles = z.array(wantedFile).min(1).max(filesMax);

/** `reload nginx` or `reload nginx.service`. */
function toAction(text: string): FileAction {
  const [, , verb, unit = ''] = actionPattern.exec(text) ?? [];
  if (verb === 'reload' || verb === 'restart')
    return { kind: verb, unit: unit.endsWith('.service') ? unit : `${unit}.service` };
  return { kind: text === 'reboot' ? 'reboot' : 'nothing' };
}

/** What no single field shows. */
export function addFileProblems(yaml: YamlFile, files: readonly WantedFile[], reboot: Change['reboot']): void {
  for (const [index, file] of files.entries()) {
    const at = ['files', index] as const;
    if (files.findIndex(({ path }) => path === file.path) < index)
      yaml.add([...at, 'path'], `${file.path} is there twice`);
    if (file.then.kind === 'reboot' && reboot === 'never')
      yaml.add([...at, 'then'], 'it wants a reboot, and the change says reboot: never');
    if (!file.drain && (file.then.kind === 'restart' || file.then.kind === 'reboot'))
      yaml.add([...at, 'drain'], `a ${file.then.kind} stops the service, so its host is drained`);
    for (const name of factsIn(file))
      if (!isFact(name)) yaml.add([...at, 'content'], `{{ ${name} }} is none of the facts that templates know`);
  }
  const bytes = files.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0);
  if (bytes > fileBytesMax) yaml.add(['files'], `${bytes} bytes in all, and a change brings at most ${fileBytesMax}`);
}

function isFact(name: string): boolean {
  return factNames.some((fact) => (fact.endsWith('.') ? name.startsWith(fact) && name !== fact : name === fact));
}
