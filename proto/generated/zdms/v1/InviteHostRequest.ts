// Original file: proto/zdms/v1/operator.proto


export interface InviteHostRequest {
  'host'?: (string);
  'address'?: (string);
  'sshPort'?: (number);
  'labels'?: ({[key: string]: string});
  'hostKey'?: (string);
}

export interface InviteHostRequest__Output {
  'host': (string);
  'address': (string);
  'sshPort': (number);
  'labels': ({[key: string]: string});
  'hostKey': (string);
}
