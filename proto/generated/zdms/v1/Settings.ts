// Original file: proto/zdms/v1/agent.proto

import type { Check as _zdms_v1_Check, Check__Output as _zdms_v1_Check__Output } from '../../zdms/v1/Check.ts';
import type { Long } from '@grpc/proto-loader';

export interface Settings {
  'beatEveryMs'?: (number | string | Long);
  'fleetSize'?: (number | string | Long);
  'checks'?: (_zdms_v1_Check)[];
}

export interface Settings__Output {
  'beatEveryMs': (number);
  'fleetSize': (number);
  'checks': (_zdms_v1_Check__Output)[];
}
