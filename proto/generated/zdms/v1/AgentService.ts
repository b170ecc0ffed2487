// Original file: proto/zdms/v1/agent.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { AgentMessage as _zdms_v1_AgentMessage, AgentMessage__Output as _zdms_v1_AgentMessage__Output } from '../../zdms/v1/AgentMessage.ts';
import type { ControllerMessage as _zdms_v1_ControllerMessage, ControllerMessage__Output as _zdms_v1_ControllerMessage__Output } from '../../zdms/v1/ControllerMessage.ts';
import type { EnrolRequest as _zdms_v1_EnrolRequest, EnrolRequest__Output as _zdms_v1_EnrolRequest__Output } from '../../zdms/v1/EnrolRequest.ts';
import type { Identity as _zdms_v1_Identity, Identity__Output as _zdms_v1_Identity__Output } from '../../zdms/v1/Identity.ts';
import type { RenewRequest as _zdms_v1_RenewRequest, RenewRequest__Output as _zdms_v1_RenewRequest__Output } from '../../zdms/v1/RenewRequest.ts';

export interface AgentServiceClient extends grpc.Client {
  Connect(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_zdms_v1_AgentMessage, _zdms_v1_ControllerMessage__Output>;
  Connect(options?: grpc.CallOptions): grpc.ClientDuplexStream<_zdms_v1_AgentMessage, _zdms_v1_ControllerMessage__Output>;
  connect(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_zdms_v1_AgentMessage, _zdms_v1_ControllerMessage__Output>;
  connect(options?: grpc.CallOptions): grpc.ClientDuplexStream<_zdms_v1_AgentMessage, _zdms_v1_ControllerMessage__Output>;
  
  Enrol(argument: _zdms_v1_EnrolRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Identity__Output>): grpc.ClientUnaryCall;
  Enrol(argument: _zdms_v1_EnrolRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zdms_v1_Identity__Output>): grpc.ClientUnaryCall;
  Enrol(argument: _zdms_v1_EnrolRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Identity__Output>): grpc.ClientUnaryCall;
  Enrol(argument: _zdms_v1_EnrolRequest, callback: grpc.requestCallback<_zdms_v1_Identity__Output>): grpc.ClientUnaryCall;
  enrol(argument: _zdms_v1_EnrolRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Identity__Output>): grpc.ClientUnaryCall;
  enrol(argument: _zdms_v1_EnrolRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zdms_v1_Identity__Output>): grpc.ClientUnaryCall;
  enrol(argument: _zdms_v1_EnrolRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Identity__Output>): grpc.ClientUnaryCall;
  enrol(argument: _zdms_v1_EnrolRequest, callback: grpc.requestCallback<_zdms_v1_Identity__Output>): grpc.ClientUnaryCall;
  
  Renew(argument: _zdms_v1_RenewRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Identity__Output>): grpc.ClientUnaryCall;
  Renew(argument: _zdms_v1_RenewRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zdms_v1_Identity__Output>): grpc.ClientUnaryCall;
  Renew(argument: _zdms_v1_RenewRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Identity__Output>): grpc.ClientUnaryCall;
  Renew(argument: _zdms_v1_RenewRequest, callback: grpc.requestCallback<_zdms_v1_Identity__Output>): grpc.ClientUnaryCall;
  renew(argument: _zdms_v1_RenewRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Identity__Output>): grpc.ClientUnaryCall;
  renew(argument: _zdms_v1_RenewRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zdms_v1_Identity__Output>): grpc.ClientUnaryCall;
  renew(argument: _zdms_v1_RenewRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Identity__Output>): grpc.ClientUnaryCall;
  renew(argument: _zdms_v1_RenewRequest, callback: grpc.requestCallback<_zdms_v1_Identity__Output>): grpc.ClientUnaryCall;
  
}

export interface AgentServiceHandlers extends grpc.UntypedServiceImplementation {
  Connect: grpc.handleBidiStreamingCall<_zdms_v1_AgentMessage__Output, _zdms_v1_ControllerMessage>;
  
  Enrol: grpc.handleUnaryCall<_zdms_v1_EnrolRequest__Output, _zdms_v1_Identity>;
  
  Renew: grpc.handleUnaryCall<_zdms_v1_RenewRequest__Output, _zdms_v1_Identity>;
  
}

export interface AgentServiceDefinition extends grpc.ServiceDefinition {
  Connect: MethodDefinition<_zdms_v1_AgentMessage, _zdms_v1_ControllerMessage, _zdms_v1_AgentMessage__Output, _zdms_v1_ControllerMessage__Output>
  Enrol: MethodDefinition<_zdms_v1_EnrolRequest, _zdms_v1_Identity, _zdms_v1_EnrolRequest__Output, _zdms_v1_Identity__Output>
  Renew: MethodDefinition<_zdms_v1_RenewRequest, _zdms_v1_Identity, _zdms_v1_RenewRequest__Output, _zdms_v1_Identity__Output>
}
