// Original file: proto/zdms/v1/operator.proto


export interface HostCommandRequest {
  'host'?: (string);
  'operator'?: (string);
  'reason'?: (string);
  'rollout'?: (string);
}

export interface HostCommandRequest__Output {
  'host': (string);
  'operator': (string);
  'reason': (string);
  'rollout': (string);
}
