import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { ApplyRequest as _zdms_v1_ApplyRequest, ApplyRequest__Output as _zdms_v1_ApplyRequest__Output } from './zdms/v1/ApplyRequest.ts';
import type { CommandRequest as _zdms_v1_CommandRequest, CommandRequest__Output as _zdms_v1_CommandRequest__Output } from './zdms/v1/CommandRequest.ts';
import type { ComparePlansRequest as _zdms_v1_ComparePlansRequest, ComparePlansRequest__Output as _zdms_v1_ComparePlansRequest__Output } from './zdms/v1/ComparePlansRequest.ts';
import type { CveRequest as _zdms_v1_CveRequest, CveRequest__Output as _zdms_v1_CveRequest__Output } from './zdms/v1/CveRequest.ts';
import type { Document as _zdms_v1_Document, Document__Output as _zdms_v1_Document__Output } from './zdms/v1/Document.ts';
import type { HaltRequest as _zdms_v1_HaltRequest, HaltRequest__Output as _zdms_v1_HaltRequest__Output } from './zdms/v1/HaltRequest.ts';
import type { HealthRequest as _zdms_v1_HealthRequest, HealthRequest__Output as _zdms_v1_HealthRequest__Output } from './zdms/v1/HealthRequest.ts';
import type { HostCommandRequest as _zdms_v1_HostCommandRequest, HostCommandRequest__Output as _zdms_v1_HostCommandRequest__Output } from './zdms/v1/HostCommandRequest.ts';
import type { HostRequest as _zdms_v1_HostRequest, HostRequest__Output as _zdms_v1_HostRequest__Output } from './zdms/v1/HostRequest.ts';
import type { InviteHostRequest as _zdms_v1_InviteHostRequest, InviteHostRequest__Output as _zdms_v1_InviteHostRequest__Output } from './zdms/v1/InviteHostRequest.ts';
import type { JournalRequest as _zdms_v1_JournalRequest, JournalRequest__Output as _zdms_v1_JournalRequest__Output } from './zdms/v1/JournalRequest.ts';
import type { LabelHostRequest as _zdms_v1_LabelHostRequest, LabelHostRequest__Output as _zdms_v1_LabelHostRequest__Output } from './zdms/v1/LabelHostRequest.ts';
import type { ListHostsRequest as _zdms_v1_ListHostsRequest, ListHostsRequest__Output as _zdms_v1_ListHostsRequest__Output } from './zdms/v1/ListHostsRequest.ts';
import type { ListNamesRequest as _zdms_v1_ListNamesRequest, ListNamesRequest__Output as _zdms_v1_ListNamesRequest__Output } from './zdms/v1/ListNamesRequest.ts';
import type { ListRolloutsRequest as _zdms_v1_ListRolloutsRequest, ListRolloutsRequest__Output as _zdms_v1_ListRolloutsRequest__Output } from './zdms/v1/ListRolloutsRequest.ts';
import type { OperatorServiceClient as _zdms_v1_OperatorServiceClient, OperatorServiceDefinition as _zdms_v1_OperatorServiceDefinition } from './zdms/v1/OperatorService.ts';
import type { PlanRequest as _zdms_v1_PlanRequest, PlanRequest__Output as _zdms_v1_PlanRequest__Output } from './zdms/v1/PlanRequest.ts';
import type { QuarantineRequest as _zdms_v1_QuarantineRequest, QuarantineRequest__Output as _zdms_v1_QuarantineRequest__Output } from './zdms/v1/QuarantineRequest.ts';
import type { RolloutRequest as _zdms_v1_RolloutRequest, RolloutRequest__Output as _zdms_v1_RolloutRequest__Output } from './zdms/v1/RolloutRequest.ts';
import type { ShowPlanRequest as _zdms_v1_ShowPlanRequest, ShowPlanRequest__Output as _zdms_v1_ShowPlanRequest__Output } from './zdms/v1/ShowPlanRequest.ts';
import type { WhatIfRequest as _zdms_v1_WhatIfRequest, WhatIfRequest__Output as _zdms_v1_WhatIfRequest__Output } from './zdms/v1/WhatIfRequest.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  zdms: {
    v1: {
      ApplyRequest: MessageTypeDefinition<_zdms_v1_ApplyRequest, _zdms_v1_ApplyRequest__Output>
      CommandRequest: MessageTypeDefinition<_zdms_v1_CommandRequest, _zdms_v1_CommandRequest__Output>
      ComparePlansRequest: MessageTypeDefinition<_zdms_v1_ComparePlansRequest, _zdms_v1_ComparePlansRequest__Output>
      CveRequest: MessageTypeDefinition<_zdms_v1_CveRequest, _zdms_v1_CveRequest__Output>
      Document: MessageTypeDefinition<_zdms_v1_Document, _zdms_v1_Document__Output>
      HaltRequest: MessageTypeDefinition<_zdms_v1_HaltRequest, _zdms_v1_HaltRequest__Output>
      HealthRequest: MessageTypeDefinition<_zdms_v1_HealthRequest, _zdms_v1_HealthRequest__Output>
      HostCommandRequest: MessageTypeDefinition<_zdms_v1_HostCommandRequest, _zdms_v1_HostCommandRequest__Output>
      HostRequest: MessageTypeDefinition<_zdms_v1_HostRequest, _zdms_v1_HostRequest__Output>
      InviteHostRequest: MessageTypeDefinition<_zdms_v1_InviteHostRequest, _zdms_v1_InviteHostRequest__Output>
      JournalRequest: MessageTypeDefinition<_zdms_v1_JournalRequest, _zdms_v1_JournalRequest__Output>
      LabelHostRequest: MessageTypeDefinition<_zdms_v1_LabelHostRequest, _zdms_v1_LabelHostRequest__Output>
      ListHostsRequest: MessageTypeDefinition<_zdms_v1_ListHostsRequest, _zdms_v1_ListHostsRequest__Output>
      ListNamesRequest: MessageTypeDefinition<_zdms_v1_ListNamesRequest, _zdms_v1_ListNamesRequest__Output>
      ListRolloutsRequest: MessageTypeDefinition<_zdms_v1_ListRolloutsRequest, _zdms_v1_ListRolloutsRequest__Output>
      OperatorService: SubtypeConstructor<typeof grpc.Client, _zdms_v1_OperatorServiceClient> & { service: _zdms_v1_OperatorServiceDefinition }
      PlanRequest: MessageTypeDefinition<_zdms_v1_PlanRequest, _zdms_v1_PlanRequest__Output>
      QuarantineRequest: MessageTypeDefinition<_zdms_v1_QuarantineRequest, _zdms_v1_QuarantineRequest__Output>
      RolloutRequest: MessageTypeDefinition<_zdms_v1_RolloutRequest, _zdms_v1_RolloutRequest__Output>
      ShowPlanRequest: MessageTypeDefinition<_zdms_v1_ShowPlanRequest, _zdms_v1_ShowPlanRequest__Output>
      WhatIfRequest: MessageTypeDefinition<_zdms_v1_WhatIfRequest, _zdms_v1_WhatIfRequest__Output>
    }
  }
}

