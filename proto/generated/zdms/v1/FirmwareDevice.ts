// Original file: proto/zdms/v1/agent.proto

import type { FirmwareOffer as _zdms_v1_FirmwareOffer, FirmwareOffer__Output as _zdms_v1_FirmwareOffer__Output } from '../../zdms/v1/FirmwareOffer.ts';

export interface FirmwareDevice {
  'id'?: (string);
  'name'?: (string);
  'version'?: (string);
  'needsReboot'?: (boolean);
  'offers'?: (_zdms_v1_FirmwareOffer)[];
}

export interface FirmwareDevice__Output {
  'id': (string);
  'name': (string);
  'version': (string);
  'needsReboot': (boolean);
  'offers': (_zdms_v1_FirmwareOffer__Output)[];
}
