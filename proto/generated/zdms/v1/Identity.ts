// Original file: proto/zdms/v1/agent.proto


export interface Identity {
  'hostId'?: (string);
  'certificatePem'?: (string);
  'caPem'?: (string);
}

export interface Identity__Output {
  'hostId': (string);
  'certificatePem': (string);
  'caPem': (string);
}
