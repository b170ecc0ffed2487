// Original file: proto/zdms/v1/operator.proto


export interface ComparePlansRequest {
  'from'?: (string);
  'to'?: (string);
}

export interface ComparePlansRequest__Output {
  'from': (string);
  'to': (string);
}
