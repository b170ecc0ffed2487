// Original file: proto/zdms/v1/agent.proto

import type { PackageState as _zdms_v1_PackageState, PackageState__Output as _zdms_v1_PackageState__Output } from '../../zdms/v1/PackageState.ts';
import type { FirmwareDevice as _zdms_v1_FirmwareDevice, FirmwareDevice__Output as _zdms_v1_FirmwareDevice__Output } from '../../zdms/v1/FirmwareDevice.ts';
import type { PutFile as _zdms_v1_PutFile, PutFile__Output as _zdms_v1_PutFile__Output } from '../../zdms/v1/PutFile.ts';
import type { Long } from '@grpc/proto-loader';

export interface Survey {
  'surveyedAtMs'?: (number | string | Long);
  'rebootNeeded'?: (boolean);
  'rebootReasons'?: (string)[];
  'staleServices'?: (string)[];
  'packages'?: (_zdms_v1_PackageState)[];
  'error'?: (string);
  'updaters'?: (string)[];
  'usesKnown'?: (boolean);
  'keepsRoot'?: (boolean);
  'firmware'?: (_zdms_v1_FirmwareDevice)[];
  'files'?: (_zdms_v1_PutFile)[];
  'filesKnown'?: (boolean);
}

export interface Survey__Output {
  'surveyedAtMs': (number);
  'rebootNeeded': (boolean);
  'rebootReasons': (string)[];
  'staleServices': (string)[];
  'packages': (_zdms_v1_PackageState__Output)[];
  'error': (string);
  'updaters': (string)[];
  'usesKnown': (boolean);
  'keepsRoot': (boolean);
  'firmware': (_zdms_v1_FirmwareDevice__Output)[];
  'files': (_zdms_v1_PutFile__Output)[];
  'filesKnown': (boolean);
}
