// Original file: proto/zdms/v1/operator.proto


export interface LabelHostRequest {
  'host'?: (string);
  'operator'?: (string);
  'set'?: ({[key: string]: string});
  'unset'?: (string)[];
}

export interface LabelHostRequest__Output {
  'host': (string);
  'operator': (string);
  'set': ({[key: string]: string});
  'unset': (string)[];
}
