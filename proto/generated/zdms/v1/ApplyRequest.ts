// Original file: proto/zdms/v1/operator.proto


export interface ApplyRequest {
  'plan'?: (string);
  'operator'?: (string);
  'confirmedHosts'?: (number);
}

export interface ApplyRequest__Output {
  'plan': (string);
  'operator': (string);
  'confirmedHosts': (number);
}
