// Original file: proto/zdms/v1/operator.proto


export interface CveRequest {
  'cve'?: (string);
}

export interface CveRequest__Output {
  'cve': (string);
}
