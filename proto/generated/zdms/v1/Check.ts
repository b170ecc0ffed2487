// Original file: proto/zdms/v1/agent.proto


export interface Check {
  'name'?: (string);
  'kind'?: (string);
  'port'?: (number);
  'path'?: (string);
}

export interface Check__Output {
  'name': (string);
  'kind': (string);
  'port': (number);
  'path': (string);
}
