// Original file: proto/zdms/v1/operator.proto


export interface JournalRequest {
  'rollout'?: (string);
  'limit'?: (number);
}

export interface JournalRequest__Output {
  'rollout': (string);
  'limit': (number);
}
