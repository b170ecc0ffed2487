// Original file: proto/zdms/v1/operator.proto


export interface ListHostsRequest {
}

export interface ListHostsRequest__Output {
}
