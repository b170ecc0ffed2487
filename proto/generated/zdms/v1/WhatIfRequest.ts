// Original file: proto/zdms/v1/operator.proto


export interface WhatIfRequest {
  'lose'?: (string)[];
}

export interface WhatIfRequest__Output {
  'lose': (string)[];
}
