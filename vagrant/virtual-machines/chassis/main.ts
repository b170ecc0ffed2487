import { isMachineOn, resetMachine, startMachine, stopMachine } from '../vagrant.ts';

// What OpenIPMI's simulator (`chassis_control` in its lan.conf) asks to read and change the power of a virtual machine of the lab:
//   main.ts HOST get power        prints power:1 or power:0
//   main.ts HOST set power 1|0
//   main.ts HOST set reset 1

const [host = '', verb, ...words] = process.argv.slice(2);

if (verb === 'get') {
  for (const word of words)
    console.log(word === 'power' ? `power:${(await isMachineOn(host)) ? '1' : '0'}` : `${word}:0`);
} else {
  for (let at = 0; at < words.length; at += 2) await set(words[at] ?? '', words[at + 1] ?? '');
}

async function set(what: string, to: string): Promise<void> {
  const isOn = await isMachineOn(host);
  if (what === 'reset' && isOn) await resetMachine(host);
  if (what !== 'power' || (to === '1') === isOn) return;
  await (isOn ? stopMachine(host) : startMachine(host));
}
