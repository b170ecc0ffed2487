// Original file: proto/zdms/v1/agent.proto

import type { Long } from '@grpc/proto-loader';

export interface CheckResult {
  'name'?: (string);
  'passed'?: (boolean);
  'detail'?: (string);
  'tookMs'?: (number | string | Long);
}

export interface CheckResult__Output {
  'name': (string);
  'passed': (boolean);
  'detail': (string);
  'tookMs': (number);
}
