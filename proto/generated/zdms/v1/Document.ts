// Original file: proto/zdms/v1/operator.proto


export interface Document {
  'json'?: (string);
}

export interface Document__Output {
  'json': (string);
}
