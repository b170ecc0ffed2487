// Original file: proto/zdms/v1/agent.proto

import type { Survey as _zdms_v1_Survey, Survey__Output as _zdms_v1_Survey__Output } from '../../zdms/v1/Survey.ts';

export interface Report {
  'agentVersion'?: (string);
  'os'?: (string);
  'kernel'?: (string);
  'architecture'?: (string);
  'hardwareModel'?: (string);
  'cpus'?: (number);
  'labels'?: ({[key: string]: string});
  'failedUnits'?: (string)[];
  'survey'?: (_zdms_v1_Survey | null);
}

export interface Report__Output {
  'agentVersion': (string);
  'os': (string);
  'kernel': (string);
  'architecture': (string);
  'hardwareModel': (string);
  'cpus': (number);
  'labels': ({[key: string]: string});
  'failedUnits': (string)[];
  'survey': (_zdms_v1_Survey__Output | null);
}
