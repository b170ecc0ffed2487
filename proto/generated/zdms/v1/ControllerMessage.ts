// Original file: proto/zdms/v1/agent.proto

import type { Settings as _zdms_v1_Settings, Settings__Output as _zdms_v1_Settings__Output } from '../../zdms/v1/Settings.ts';

export interface ControllerMessage {
  'settings'?: (_zdms_v1_Settings | null);
}

export interface ControllerMessage__Output {
  'settings': (_zdms_v1_Settings__Output | null);
}
