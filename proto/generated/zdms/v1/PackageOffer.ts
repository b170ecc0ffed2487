// Original file: proto/zdms/v1/agent.proto

import type { Long } from '@grpc/proto-loader';

export interface PackageOffer {
  'version'?: (string);
  'sha256'?: (string);
  'downloadBytes'?: (number | string | Long);
  'security'?: (boolean);
  'origin'?: (string);
  'advisories'?: (string)[];
  'cves'?: (string)[];
  'advisoriesKnown'?: (boolean);
}

export interface PackageOffer__Output {
  'version': (string);
  'sha256': (string);
  'downloadBytes': (number);
  'security': (boolean);
  'origin': (string);
  'advisories': (string)[];
  'cves': (string)[];
  'advisoriesKnown': (boolean);
}
