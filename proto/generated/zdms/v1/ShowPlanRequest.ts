// Original file: proto/zdms/v1/operator.proto


export interface ShowPlanRequest {
  'plan'?: (string);
}

export interface ShowPlanRequest__Output {
  'plan': (string);
}
