// Original file: proto/zdms/v1/agent.proto

import type { PackageOffer as _zdms_v1_PackageOffer, PackageOffer__Output as _zdms_v1_PackageOffer__Output } from '../../zdms/v1/PackageOffer.ts';

export interface PackageState {
  'name'?: (string);
  'installed'?: (string);
  'candidate'?: (string);
  'offers'?: (_zdms_v1_PackageOffer)[];
  'held'?: (boolean);
  'usedBy'?: (string)[];
  'wayBack'?: (string);
  'rebootBecause'?: (string);
}

export interface PackageState__Output {
  'name': (string);
  'installed': (string);
  'candidate': (string);
  'offers': (_zdms_v1_PackageOffer__Output)[];
  'held': (boolean);
  'usedBy': (string)[];
  'wayBack': (string);
  'rebootBecause': (string);
}
