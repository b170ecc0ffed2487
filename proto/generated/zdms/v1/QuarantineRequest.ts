// Original file: proto/zdms/v1/operator.proto


export interface QuarantineRequest {
  'operator'?: (string);
  'add'?: (string)[];
  'lift'?: (string)[];
  'reason'?: (string);
}

export interface QuarantineRequest__Output {
  'operator': (string);
  'add': (string)[];
  'lift': (string)[];
  'reason': (string);
}
