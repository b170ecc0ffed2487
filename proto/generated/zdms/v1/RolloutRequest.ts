// Original file: proto/zdms/v1/operator.proto


export interface RolloutRequest {
  'rollout'?: (string);
}

export interface RolloutRequest__Output {
  'rollout': (string);
}
