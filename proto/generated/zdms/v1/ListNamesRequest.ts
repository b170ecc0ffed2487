// Original file: proto/zdms/v1/operator.proto


export interface ListNamesRequest {
}

export interface ListNamesRequest__Output {
}
