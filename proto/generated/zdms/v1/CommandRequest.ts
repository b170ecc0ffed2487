// Original file: proto/zdms/v1/operator.proto


export interface CommandRequest {
  'rollout'?: (string);
  'operator'?: (string);
  'reason'?: (string);
}

export interface CommandRequest__Output {
  'rollout': (string);
  'operator': (string);
  'reason': (string);
}
