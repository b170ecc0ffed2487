// Original file: proto/zdms/v1/operator.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { ApplyRequest as _zdms_v1_ApplyRequest, ApplyRequest__Output as _zdms_v1_ApplyRequest__Output } from '../../zdms/v1/ApplyRequest.ts';
import type { CommandRequest as _zdms_v1_CommandRequest, CommandRequest__Output as _zdms_v1_CommandRequest__Output } from '../../zdms/v1/CommandRequest.ts';
import type { ComparePlansRequest as _zdms_v1_ComparePlansRequest, ComparePlansRequest__Output as _zdms_v1_ComparePlansRequest__Output } from '../../zdms/v1/ComparePlansRequest.ts';
import type { CveRequest as _zdms_v1_CveRequest, CveRequest__Output as _zdms_v1_CveRequest__Output } from '../../zdms/v1/CveRequest.ts';
import type { Document as _zdms_v1_Document, Document__Output as _zdms_v1_Document__Output } from '../../zdms/v1/Document.ts';
import type { HaltRequest as _zdms_v1_HaltRequest, HaltRequest__Output as _zdms_v1_HaltRequest__Output } from '../../zdms/v1/HaltRequest.ts';
import type { HealthRequest as _zdms_v1_HealthRequest, HealthRequest__Output as _zdms_v1_HealthRequest__Output } from '../../zdms/v1/HealthRequest.ts';
import type { HostCommandRequest as _zdms_v1_HostCommandRequest, HostCommandRequest__Output as _zdms_v1_HostCommandRequest__Output } from '../../zdms/v1/HostCommandRequest.ts';
import type { HostRequest as _zdms_v1_HostRequest, HostRequest__Output as _zdms_v1_HostRequest__Output } from '../../zdms/v1/HostRequest.ts';
import type { InviteHostRequest as _zdms_v1_InviteHostRequest, InviteHostRequest__Output as _zdms_v1_InviteHostRequest__Output } from '../../zdms/v1/InviteHostRequest.ts';
import type { JournalRequest as _zdms_v1_JournalRequest, JournalRequest__Output as _zdms_v1_JournalRequest__Output } from '../../zdms/v1/JournalRequest.ts';
import type { LabelHostRequest as _zdms_v1_LabelHostRequest, LabelHostRequest__Output as _zdms_v1_LabelHostRequest__Output } from '../../zdms/v1/LabelHostRequest.ts';
import type { ListHostsRequest as _zdms_v1_ListHostsRequest, ListHostsRequest__Output as _zdms_v1_ListHostsRequest__Output } from '../../zdms/v1/ListHostsRequest.ts';
import type { ListNamesRequest as _zdms_v1_ListNamesRequest, ListNamesRequest__Output as _zdms_v1_ListNamesRequest__Output } from '../../zdms/v1/ListNamesRequest.ts';
import type { ListRolloutsRequest as _zdms_v1_ListRolloutsRequest, ListRolloutsRequest__Output as _zdms_v1_ListRolloutsRequest__Output } from '../../zdms/v1/ListRolloutsRequest.ts';
import type { PlanRequest as _zdms_v1_PlanRequest, PlanRequest__Output as _zdms_v1_PlanRequest__Output } from '../../zdms/v1/PlanRequest.ts';
import type { QuarantineRequest as _zdms_v1_QuarantineRequest, QuarantineRequest__Output as _zdms_v1_QuarantineRequest__Output } from '../../zdms/v1/QuarantineRequest.ts';
import type { RolloutRequest as _zdms_v1_RolloutRequest, RolloutRequest__Output as _zdms_v1_RolloutRequest__Output } from '../../zdms/v1/RolloutRequest.ts';
import type { ShowPlanRequest as _zdms_v1_ShowPlanRequest, ShowPlanRequest__Output as _zdms_v1_ShowPlanRequest__Output } from '../../zdms/v1/ShowPlanRequest.ts';
import type { WhatIfRequest as _zdms_v1_WhatIfRequest, WhatIfRequest__Output as _zdms_v1_WhatIfRequest__Output } from '../../zdms/v1/WhatIfRequest.ts';

export interface OperatorServiceClient extends grpc.Client {
  Abort(argument: _zdms_v1_CommandRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  Abort(argument: _zdms_v1_CommandRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  Abort(argument: _zdms_v1_CommandRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  Abort(argument: _zdms_v1_CommandRequest, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  abort(argument: _zdms_v1_CommandRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  abort(argument: _zdms_v1_CommandRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  abort(argument: _zdms_v1_CommandRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  abort(argument: _zdms_v1_CommandRequest, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  
  Apply(argument: _zdms_v1_ApplyRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  Apply(argument: _zdms_v1_ApplyRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  Apply(argument: _zdms_v1_ApplyRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  Apply(argument: _zdms_v1_ApplyRequest, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  apply(argument: _zdms_v1_ApplyRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  apply(argument: _zdms_v1_ApplyRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  apply(argument: _zdms_v1_ApplyRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  apply(argument: _zdms_v1_ApplyRequest, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  
  CompareFiles(argument: _zdms_v1_ShowPlanRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  CompareFiles(argument: _zdms_v1_ShowPlanRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  CompareFiles(argument: _zdms_v1_ShowPlanRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  CompareFiles(argument: _zdms_v1_ShowPlanRequest, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  compareFiles(argument: _zdms_v1_ShowPlanRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  compareFiles(argument: _zdms_v1_ShowPlanRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  compareFiles(argument: _zdms_v1_ShowPlanRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  compareFiles(argument: _zdms_v1_ShowPlanRequest, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  
  ComparePlans(argument: _zdms_v1_ComparePlansRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  ComparePlans(argument: _zdms_v1_ComparePlansRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  ComparePlans(argument: _zdms_v1_ComparePlansRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  ComparePlans(argument: _zdms_v1_ComparePlansRequest, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  comparePlans(argument: _zdms_v1_ComparePlansRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  comparePlans(argument: _zdms_v1_ComparePlansRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  comparePlans(argument: _zdms_v1_ComparePlansRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  comparePlans(argument: _zdms_v1_ComparePlansRequest, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  
  Halt(argument: _zdms_v1_HaltRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  Halt(argument: _zdms_v1_HaltRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  Halt(argument: _zdms_v1_HaltRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  Halt(argument: _zdms_v1_HaltRequest, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  halt(argument: _zdms_v1_HaltRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  halt(argument: _zdms_v1_HaltRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  halt(argument: _zdms_v1_HaltRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  halt(argument: _zdms_v1_HaltRequest, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  
  Health(argument: _zdms_v1_HealthRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  Health(argument: _zdms_v1_HealthRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  Health(argument: _zdms_v1_HealthRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  Health(argument: _zdms_v1_HealthRequest, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  health(argument: _zdms_v1_HealthRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  health(argument: _zdms_v1_HealthRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  health(argument: _zdms_v1_HealthRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  health(argument: _zdms_v1_HealthRequest, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  
  InviteHost(argument: _zdms_v1_InviteHostRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  InviteHost(argument: _zdms_v1_InviteHostRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  InviteHost(argument: _zdms_v1_InviteHostRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  InviteHost(argument: _zdms_v1_InviteHostRequest, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  inviteHost(argument: _zdms_v1_InviteHostRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  inviteHost(argument: _zdms_v1_InviteHostRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  inviteHost(argument: _zdms_v1_InviteHostRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  inviteHost(argument: _zdms_v1_InviteHostRequest, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  
  LabelHost(argument: _zdms_v1_LabelHostRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  LabelHost(argument: _zdms_v1_LabelHostRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  LabelHost(argument: _zdms_v1_LabelHostRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  LabelHost(argument: _zdms_v1_LabelHostRequest, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  labelHost(argument: _zdms_v1_LabelHostRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  labelHost(argument: _zdms_v1_LabelHostRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  labelHost(argument: _zdms_v1_LabelHostRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  labelHost(argument: _zdms_v1_LabelHostRequest, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  
  ListHosts(argument: _zdms_v1_ListHostsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  ListHosts(argument: _zdms_v1_ListHostsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  ListHosts(argument: _zdms_v1_ListHostsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  ListHosts(argument: _zdms_v1_ListHostsRequest, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  listHosts(argument: _zdms_v1_ListHostsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  listHosts(argument: _zdms_v1_ListHostsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  listHosts(argument: _zdms_v1_ListHostsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  listHosts(argument: _zdms_v1_ListHostsRequest, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  
  ListNames(argument: _zdms_v1_ListNamesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  ListNames(argument: _zdms_v1_ListNamesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  ListNames(argument: _zdms_v1_ListNamesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  ListNames(argument: _zdms_v1_ListNamesRequest, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  listNames(argument: _zdms_v1_ListNamesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  listNames(argument: _zdms_v1_ListNamesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  listNames(argument: _zdms_v1_ListNamesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  listNames(argument: _zdms_v1_ListNamesRequest, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  
  ListRollouts(argument: _zdms_v1_ListRolloutsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  ListRollouts(argument: _zdms_v1_ListRolloutsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  ListRollouts(argument: _zdms_v1_ListRolloutsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  ListRollouts(argument: _zdms_v1_ListRolloutsRequest, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  listRollouts(argument: _zdms_v1_ListRolloutsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  listRollouts(argument: _zdms_v1_ListRolloutsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  listRollouts(argument: _zdms_v1_ListRolloutsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  listRollouts(argument: _zdms_v1_ListRolloutsRequest, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  
  Pause(argument: _zdms_v1_CommandRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  Pause(argument: _zdms_v1_CommandRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  Pause(argument: _zdms_v1_CommandRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  Pause(argument: _zdms_v1_CommandRequest, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  pause(argument: _zdms_v1_CommandRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  pause(argument: _zdms_v1_CommandRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  pause(argument: _zdms_v1_CommandRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  pause(argument: _zdms_v1_CommandRequest, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  
  Plan(argument: _zdms_v1_PlanRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  Plan(argument: _zdms_v1_PlanRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  Plan(argument: _zdms_v1_PlanRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  Plan(argument: _zdms_v1_PlanRequest, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  plan(argument: _zdms_v1_PlanRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  plan(argument: _zdms_v1_PlanRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  plan(argument: _zdms_v1_PlanRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  plan(argument: _zdms_v1_PlanRequest, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  
  Quarantine(argument: _zdms_v1_QuarantineRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  Quarantine(argument: _zdms_v1_QuarantineRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  Quarantine(argument: _zdms_v1_QuarantineRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  Quarantine(argument: _zdms_v1_QuarantineRequest, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  quarantine(argument: _zdms_v1_QuarantineRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  quarantine(argument: _zdms_v1_QuarantineRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  quarantine(argument: _zdms_v1_QuarantineRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  quarantine(argument: _zdms_v1_QuarantineRequest, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  
  ReadJournal(argument: _zdms_v1_JournalRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  ReadJournal(argument: _zdms_v1_JournalRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  ReadJournal(argument: _zdms_v1_JournalRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  ReadJournal(argument: _zdms_v1_JournalRequest, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  readJournal(argument: _zdms_v1_JournalRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  readJournal(argument: _zdms_v1_JournalRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  readJournal(argument: _zdms_v1_JournalRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  readJournal(argument: _zdms_v1_JournalRequest, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  
  Release(argument: _zdms_v1_HostCommandRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  Release(argument: _zdms_v1_HostCommandRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  Release(argument: _zdms_v1_HostCommandRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  Release(argument: _zdms_v1_HostCommandRequest, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  release(argument: _zdms_v1_HostCommandRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  release(argument: _zdms_v1_HostCommandRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  release(argument: _zdms_v1_HostCommandRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  release(argument: _zdms_v1_HostCommandRequest, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  
  RemoveHost(argument: _zdms_v1_HostCommandRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  RemoveHost(argument: _zdms_v1_HostCommandRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  RemoveHost(argument: _zdms_v1_HostCommandRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  RemoveHost(argument: _zdms_v1_HostCommandRequest, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  removeHost(argument: _zdms_v1_HostCommandRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  removeHost(argument: _zdms_v1_HostCommandRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  removeHost(argument: _zdms_v1_HostCommandRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  removeHost(argument: _zdms_v1_HostCommandRequest, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  
  Report(argument: _zdms_v1_RolloutRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  Report(argument: _zdms_v1_RolloutRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  Report(argument: _zdms_v1_RolloutRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  Report(argument: _zdms_v1_RolloutRequest, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  report(argument: _zdms_v1_RolloutRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  report(argument: _zdms_v1_RolloutRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  report(argument: _zdms_v1_RolloutRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  report(argument: _zdms_v1_RolloutRequest, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  
  Resume(argument: _zdms_v1_CommandRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  Resume(argument: _zdms_v1_CommandRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  Resume(argument: _zdms_v1_CommandRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  Resume(argument: _zdms_v1_CommandRequest, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  resume(argument: _zdms_v1_CommandRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  resume(argument: _zdms_v1_CommandRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  resume(argument: _zdms_v1_CommandRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  resume(argument: _zdms_v1_CommandRequest, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  
  Retry(argument: _zdms_v1_HostCommandRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  Retry(argument: _zdms_v1_HostCommandRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  Retry(argument: _zdms_v1_HostCommandRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  Retry(argument: _zdms_v1_HostCommandRequest, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  retry(argument: _zdms_v1_HostCommandRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  retry(argument: _zdms_v1_HostCommandRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  retry(argument: _zdms_v1_HostCommandRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  retry(argument: _zdms_v1_HostCommandRequest, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  
  ShowCve(argument: _zdms_v1_CveRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  ShowCve(argument: _zdms_v1_CveRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  ShowCve(argument: _zdms_v1_CveRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  ShowCve(argument: _zdms_v1_CveRequest, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  showCve(argument: _zdms_v1_CveRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  showCve(argument: _zdms_v1_CveRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  showCve(argument: _zdms_v1_CveRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  showCve(argument: _zdms_v1_CveRequest, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  
  ShowHost(argument: _zdms_v1_HostRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  ShowHost(argument: _zdms_v1_HostRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  ShowHost(argument: _zdms_v1_HostRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  ShowHost(argument: _zdms_v1_HostRequest, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  showHost(argument: _zdms_v1_HostRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  showHost(argument: _zdms_v1_HostRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  showHost(argument: _zdms_v1_HostRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  showHost(argument: _zdms_v1_HostRequest, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  
  ShowPlan(argument: _zdms_v1_ShowPlanRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  ShowPlan(argument: _zdms_v1_ShowPlanRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  ShowPlan(argument: _zdms_v1_ShowPlanRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  ShowPlan(argument: _zdms_v1_ShowPlanRequest, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  showPlan(argument: _zdms_v1_ShowPlanRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  showPlan(argument: _zdms_v1_ShowPlanRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  showPlan(argument: _zdms_v1_ShowPlanRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  showPlan(argument: _zdms_v1_ShowPlanRequest, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  
  Status(argument: _zdms_v1_RolloutRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  Status(argument: _zdms_v1_RolloutRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  Status(argument: _zdms_v1_RolloutRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  Status(argument: _zdms_v1_RolloutRequest, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  status(argument: _zdms_v1_RolloutRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  status(argument: _zdms_v1_RolloutRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  status(argument: _zdms_v1_RolloutRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  status(argument: _zdms_v1_RolloutRequest, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  
  Unhalt(argument: _zdms_v1_HaltRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  Unhalt(argument: _zdms_v1_HaltRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  Unhalt(argument: _zdms_v1_HaltRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  Unhalt(argument: _zdms_v1_HaltRequest, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  unhalt(argument: _zdms_v1_HaltRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  unhalt(argument: _zdms_v1_HaltRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  unhalt(argument: _zdms_v1_HaltRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  unhalt(argument: _zdms_v1_HaltRequest, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  
  Watch(argument: _zdms_v1_RolloutRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_zdms_v1_Document__Output>;
  Watch(argument: _zdms_v1_RolloutRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_zdms_v1_Document__Output>;
  watch(argument: _zdms_v1_RolloutRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_zdms_v1_Document__Output>;
  watch(argument: _zdms_v1_RolloutRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_zdms_v1_Document__Output>;
  
  WhatIf(argument: _zdms_v1_WhatIfRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  WhatIf(argument: _zdms_v1_WhatIfRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  WhatIf(argument: _zdms_v1_WhatIfRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  WhatIf(argument: _zdms_v1_WhatIfRequest, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  whatIf(argument: _zdms_v1_WhatIfRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  whatIf(argument: _zdms_v1_WhatIfRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  whatIf(argument: _zdms_v1_WhatIfRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  whatIf(argument: _zdms_v1_WhatIfRequest, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  
  Why(argument: _zdms_v1_HostRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  Why(argument: _zdms_v1_HostRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  Why(argument: _zdms_v1_HostRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  Why(argument: _zdms_v1_HostRequest, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  why(argument: _zdms_v1_HostRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  why(argument: _zdms_v1_HostRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  why(argument: _zdms_v1_HostRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  why(argument: _zdms_v1_HostRequest, callback: grpc.requestCallback<_zdms_v1_Document__Output>): grpc.ClientUnaryCall;
  
}

export interface OperatorServiceHandlers extends grpc.UntypedServiceImplementation {
  Abort: grpc.handleUnaryCall<_zdms_v1_CommandRequest__Output, _zdms_v1_Document>;
  
  Apply: grpc.handleUnaryCall<_zdms_v1_ApplyRequest__Output, _zdms_v1_Document>;
  
  CompareFiles: grpc.handleUnaryCall<_zdms_v1_ShowPlanRequest__Output, _zdms_v1_Document>;
  
  ComparePlans: grpc.handleUnaryCall<_zdms_v1_ComparePlansRequest__Output, _zdms_v1_Document>;
  
  Halt: grpc.handleUnaryCall<_zdms_v1_HaltRequest__Output, _zdms_v1_Document>;
  
  Health: grpc.handleUnaryCall<_zdms_v1_HealthRequest__Output, _zdms_v1_Document>;
  
  InviteHost: grpc.handleUnaryCall<_zdms_v1_InviteHostRequest__Output, _zdms_v1_Document>;
  
  LabelHost: grpc.handleUnaryCall<_zdms_v1_LabelHostRequest__Output, _zdms_v1_Document>;
  
  ListHosts: grpc.handleUnaryCall<_zdms_v1_ListHostsRequest__Output, _zdms_v1_Document>;
  
  ListNames: grpc.handleUnaryCall<_zdms_v1_ListNamesRequest__Output, _zdms_v1_Document>;
  
  ListRollouts: grpc.handleUnaryCall<_zdms_v1_ListRolloutsRequest__Output, _zdms_v1_Document>;
  
  Pause: grpc.handleUnaryCall<_zdms_v1_CommandRequest__Output, _zdms_v1_Document>;
  
  Plan: grpc.handleUnaryCall<_zdms_v1_PlanRequest__Output, _zdms_v1_Document>;
  
  Quarantine: grpc.handleUnaryCall<_zdms_v1_QuarantineRequest__Output, _zdms_v1_Document>;
  
  ReadJournal: grpc.handleUnaryCall<_zdms_v1_JournalRequest__Output, _zdms_v1_Document>;
  
  Release: grpc.handleUnaryCall<_zdms_v1_HostCommandRequest__Output, _zdms_v1_Document>;
  
  RemoveHost: grpc.handleUnaryCall<_zdms_v1_HostCommandRequest__Output, _zdms_v1_Document>;
  
  Report: grpc.handleUnaryCall<_zdms_v1_RolloutRequest__Output, _zdms_v1_Document>;
  
  Resume: grpc.handleUnaryCall<_zdms_v1_CommandRequest__Output, _zdms_v1_Document>;
  
  Retry: grpc.handleUnaryCall<_zdms_v1_HostCommandRequest__Output, _zdms_v1_Document>;
  
  ShowCve: grpc.handleUnaryCall<_zdms_v1_CveRequest__Output, _zdms_v1_Document>;
  
  ShowHost: grpc.handleUnaryCall<_zdms_v1_HostRequest__Output, _zdms_v1_Document>;
  
  ShowPlan: grpc.handleUnaryCall<_zdms_v1_ShowPlanRequest__Output, _zdms_v1_Document>;
  
  Status: grpc.handleUnaryCall<_zdms_v1_RolloutRequest__Output, _zdms_v1_Document>;
  
  Unhalt: grpc.handleUnaryCall<_zdms_v1_HaltRequest__Output, _zdms_v1_Document>;
  
  Watch: grpc.handleServerStreamingCall<_zdms_v1_RolloutRequest__Output, _zdms_v1_Document>;
  
  WhatIf: grpc.handleUnaryCall<_zdms_v1_WhatIfRequest__Output, _zdms_v1_Document>;
  
  Why: grpc.handleUnaryCall<_zdms_v1_HostRequest__Output, _zdms_v1_Document>;
  
}

export interface OperatorServiceDefinition extends grpc.ServiceDefinition {
  Abort: MethodDefinition<_zdms_v1_CommandRequest, _zdms_v1_Document, _zdms_v1_CommandRequest__Output, _zdms_v1_Document__Output>
  Apply: MethodDefinition<_zdms_v1_ApplyRequest, _zdms_v1_Document, _zdms_v1_ApplyRequest__Output, _zdms_v1_Document__Output>
  CompareFiles: MethodDefinition<_zdms_v1_ShowPlanRequest, _zdms_v1_Document, _zdms_v1_ShowPlanRequest__Output, _zdms_v1_Document__Output>
  ComparePlans: MethodDefinition<_zdms_v1_ComparePlansRequest, _zdms_v1_Document, _zdms_v1_ComparePlansRequest__Output, _zdms_v1_Document__Output>
  Halt: MethodDefinition<_zdms_v1_HaltRequest, _zdms_v1_Document, _zdms_v1_HaltRequest__Output, _zdms_v1_Document__Output>
  Health: MethodDefinition<_zdms_v1_HealthRequest, _zdms_v1_Document, _zdms_v1_HealthRequest__Output, _zdms_v1_Document__Output>
  InviteHost: MethodDefinition<_zdms_v1_InviteHostRequest, _zdms_v1_Document, _zdms_v1_InviteHostRequest__Output, _zdms_v1_Document__Output>
  LabelHost: MethodDefinition<_zdms_v1_LabelHostRequest, _zdms_v1_Document, _zdms_v1_LabelHostRequest__Output, _zdms_v1_Document__Output>
  ListHosts: MethodDefinition<_zdms_v1_ListHostsRequest, _zdms_v1_Document, _zdms_v1_ListHostsRequest__Output, _zdms_v1_Document__Output>
  ListNames: MethodDefinition<_zdms_v1_ListNamesRequest, _zdms_v1_Document, _zdms_v1_ListNamesRequest__Output, _zdms_v1_Document__Output>
  ListRollouts: MethodDefinition<_zdms_v1_ListRolloutsRequest, _zdms_v1_Document, _zdms_v1_ListRolloutsRequest__Output, _zdms_v1_Document__Output>
  Pause: MethodDefinition<_zdms_v1_CommandRequest, _zdms_v1_Document, _zdms_v1_CommandRequest__Output, _zdms_v1_Document__Output>
  Plan: MethodDefinition<_zdms_v1_PlanRequest, _zdms_v1_Document, _zdms_v1_PlanRequest__Output, _zdms_v1_Document__Output>
  Quarantine: MethodDefinition<_zdms_v1_QuarantineRequest, _zdms_v1_Document, _zdms_v1_QuarantineRequest__Output, _zdms_v1_Document__Output>
  ReadJournal: MethodDefinition<_zdms_v1_JournalRequest, _zdms_v1_Document, _zdms_v1_JournalRequest__Output, _zdms_v1_Document__Output>
  Release: MethodDefinition<_zdms_v1_HostCommandRequest, _zdms_v1_Document, _zdms_v1_HostCommandRequest__Output, _zdms_v1_Document__Output>
  RemoveHost: MethodDefinition<_zdms_v1_HostCommandRequest, _zdms_v1_Document, _zdms_v1_HostCommandRequest__Output, _zdms_v1_Document__Output>
  Report: MethodDefinition<_zdms_v1_RolloutRequest, _zdms_v1_Document, _zdms_v1_RolloutRequest__Output, _zdms_v1_Document__Output>
  Resume: MethodDefinition<_zdms_v1_CommandRequest, _zdms_v1_Document, _zdms_v1_CommandRequest__Output, _zdms_v1_Document__Output>
  Retry: MethodDefinition<_zdms_v1_HostCommandRequest, _zdms_v1_Document, _zdms_v1_HostCommandRequest__Output, _zdms_v1_Document__Output>
  ShowCve: MethodDefinition<_zdms_v1_CveRequest, _zdms_v1_Document, _zdms_v1_CveRequest__Output, _zdms_v1_Document__Output>
  ShowHost: MethodDefinition<_zdms_v1_HostRequest, _zdms_v1_Document, _zdms_v1_HostRequest__Output, _zdms_v1_Document__Output>
  ShowPlan: MethodDefinition<_zdms_v1_ShowPlanRequest, _zdms_v1_Document, _zdms_v1_ShowPlanRequest__Output, _zdms_v1_Document__Output>
  Status: MethodDefinition<_zdms_v1_RolloutRequest, _zdms_v1_Document, _zdms_v1_RolloutRequest__Output, _zdms_v1_Document__Output>
  Unhalt: MethodDefinition<_zdms_v1_HaltRequest, _zdms_v1_Document, _zdms_v1_HaltRequest__Output, _zdms_v1_Document__Output>
  Watch: MethodDefinition<_zdms_v1_RolloutRequest, _zdms_v1_Document, _zdms_v1_RolloutRequest__Output, _zdms_v1_Document__Output>
  WhatIf: MethodDefinition<_zdms_v1_WhatIfRequest, _zdms_v1_Document, _zdms_v1_WhatIfRequest__Output, _zdms_v1_Document__Output>
  Why: MethodDefinition<_zdms_v1_HostRequest, _zdms_v1_Document, _zdms_v1_HostRequest__Output, _zdms_v1_Document__Output>
}
