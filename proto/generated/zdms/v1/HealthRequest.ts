// Original file: proto/zdms/v1/operator.proto


export interface HealthRequest {
}

export interface HealthRequest__Output {
}
