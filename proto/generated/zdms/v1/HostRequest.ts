// Original file: proto/zdms/v1/operator.proto


export interface HostRequest {
  'host'?: (string);
}

export interface HostRequest__Output {
  'host': (string);
}
