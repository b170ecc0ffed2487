// Original file: proto/zdms/v1/agent.proto


export interface PutFile {
  'path'?: (string);
  'drift'?: (string)[];
}

export interface PutFile__Output {
  'path': (string);
  'drift': (string)[];
}
