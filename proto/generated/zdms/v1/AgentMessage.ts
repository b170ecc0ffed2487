// Original file: proto/zdms/v1/agent.proto

import type { Vitals as _zdms_v1_Vitals, Vitals__Output as _zdms_v1_Vitals__Output } from '../../zdms/v1/Vitals.ts';
import type { CheckResult as _zdms_v1_CheckResult, CheckResult__Output as _zdms_v1_CheckResult__Output } from '../../zdms/v1/CheckResult.ts';
import type { Report as _zdms_v1_Report, Report__Output as _zdms_v1_Report__Output } from '../../zdms/v1/Report.ts';
import type { Long } from '@grpc/proto-loader';

export interface AgentMessage {
  'sequence'?: (number | string | Long);
  'sentAtMs'?: (number | string | Long);
  'bootId'?: (string);
  'vitals'?: (_zdms_v1_Vitals | null);
  'checks'?: (_zdms_v1_CheckResult)[];
  'report'?: (_zdms_v1_Report | null);
}

export interface AgentMessage__Output {
  'sequence': (number);
  'sentAtMs': (number);
  'bootId': (string);
  'vitals': (_zdms_v1_Vitals__Output | null);
  'checks': (_zdms_v1_CheckResult__Output)[];
  'report': (_zdms_v1_Report__Output | null);
}
