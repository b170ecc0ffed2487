// Original file: proto/zdms/v1/operator.proto


export interface ListRolloutsRequest {
}

export interface ListRolloutsRequest__Output {
}
