// Original file: proto/zdms/v1/operator.proto


export interface HaltRequest {
  'operator'?: (string);
  'reason'?: (string);
}

export interface HaltRequest__Output {
  'operator': (string);
  'reason': (string);
}
