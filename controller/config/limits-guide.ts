import type { Guide } from './guide.ts';

/** What belongs into limits.yaml. */
export const limitsGuide = {
  '': {
    noun: 'a mapping',
    expected: 'a mapping of limits; what is missing has its built-in value',
    example: 'maxOut: 10%',
  },
  halt: {
    noun: 'a text',
    expected: 'why everything is halted; without it nothing is',
    example: 'halt: "network maintenance until 6 pm"',
  },
  maxOut: {
    noun: 'a number or a percentage',
    expected: 'hosts out at once in the whole fleet, or a percentage of it, or off',
    example: 'maxOut: 34%',
  },
  perDomain: {
    noun: 'a mapping',
    expected: 'hosts out at once in one domain, by level',
    example: 'perDomain: {zone: 3, rack: 1}',
  },
  'perDomain.*': { noun: 'a number of hosts', expected: 'a level and a whole number, 1 or more', example: 'rack: 1' },
  perModel: {
    noun: 'a number of hosts',
    expected: 'hosts of one hardware model out at once, or off',
    example: 'perModel: 2',
  },
  rebootsPerHour: {
    noun: 'a number of reboots',
    expected: 'reboots in any hour, or off',
    example: 'rebootsPerHour: 600',
  },
  ramp: {
    noun: 'a number of hosts',
    expected: 'how many hosts of a rollout go first; twice as many each time those are proven; or off',
    example: 'ramp: 1',
  },
  errorBudget: {
    noun: 'a limit',
    expected: 'hosts and within: so many failures in that time stop taking out; or off',
    example: 'errorBudget: {hosts: 5, within: 24h}',
  },
  'errorBudget.hosts': { noun: 'a number of hosts', expected: 'a whole number, 1 or more', example: 'hosts: 5' },
  'errorBudget.within': { noun: 'a duration', expected: 'a number with ms, s, m or h', example: 'within: 24h' },
  sameFailure: {
    noun: 'a number of hosts',
    expected: 'hosts that fail in the same way before a rollout stops, 2 or more, or off',
    example: 'sameFailure: 2',
  },
  blindStop: {
    noun: 'a percentage',
    expected: 'the share of silent agents from which on we are blind, or off',
    example: 'blindStop: 20%',
  },
  minimumAge: {
    noun: 'a duration',
    expected: 'how long the fleet has to know a version before it is applied, or off',
    example: 'minimumAge: 24h',
  },
  confirmAbove: {
    noun: 'a percentage',
    expected: 'the share of the fleet from which on the number of hosts has to be typed, or off',
    example: 'confirmAbove: 50%',
  },
} satisfies Guide;
