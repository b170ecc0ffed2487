// Original file: proto/zdms/v1/agent.proto

import type { Long } from '@grpc/proto-loader';

export interface Vitals {
  'load1'?: (number | string);
  'cpuBusyPercent'?: (number | string);
  'memoryTotalBytes'?: (number | string | Long);
  'memoryAvailableBytes'?: (number | string | Long);
  'rootTotalBytes'?: (number | string | Long);
  'rootAvailableBytes'?: (number | string | Long);
  'cpuPressure'?: (number | string);
  'memoryPressure'?: (number | string);
  'ioPressure'?: (number | string);
}

export interface Vitals__Output {
  'load1': (number);
  'cpuBusyPercent': (number);
  'memoryTotalBytes': (number);
  'memoryAvailableBytes': (number);
  'rootTotalBytes': (number);
  'rootAvailableBytes': (number);
  'cpuPressure': (number);
  'memoryPressure': (number);
  'ioPressure': (number);
}
