// Original file: proto/zdms/v1/agent.proto


export interface EnrolRequest {
  'token'?: (string);
  'csrPem'?: (string);
}

export interface EnrolRequest__Output {
  'token': (string);
  'csrPem': (string);
}
