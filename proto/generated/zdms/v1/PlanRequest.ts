// Original file: proto/zdms/v1/operator.proto


export interface PlanRequest {
  'changeFile'?: (string);
  'changeText'?: (string);
  'barrier'?: (boolean);
}

export interface PlanRequest__Output {
  'changeFile': (string);
  'changeText': (string);
  'barrier': (boolean);
}
