import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { AgentMessage as _zdms_v1_AgentMessage, AgentMessage__Output as _zdms_v1_AgentMessage__Output } from './zdms/v1/AgentMessage.ts';
import type { AgentServiceClient as _zdms_v1_AgentServiceClient, AgentServiceDefinition as _zdms_v1_AgentServiceDefinition } from './zdms/v1/AgentService.ts';
import type { Check as _zdms_v1_Check, Check__Output as _zdms_v1_Check__Output } from './zdms/v1/Check.ts';
import type { CheckResult as _zdms_v1_CheckResult, CheckResult__Output as _zdms_v1_CheckResult__Output } from './zdms/v1/CheckResult.ts';
import type { ControllerMessage as _zdms_v1_ControllerMessage, ControllerMessage__Output as _zdms_v1_ControllerMessage__Output } from './zdms/v1/ControllerMessage.ts';
import type { EnrolRequest as _zdms_v1_EnrolRequest, EnrolRequest__Output as _zdms_v1_EnrolRequest__Output } from './zdms/v1/EnrolRequest.ts';
import type { FirmwareDevice as _zdms_v1_FirmwareDevice, FirmwareDevice__Output as _zdms_v1_FirmwareDevice__Output } from './zdms/v1/FirmwareDevice.ts';
import type { FirmwareOffer as _zdms_v1_FirmwareOffer, FirmwareOffer__Output as _zdms_v1_FirmwareOffer__Output } from './zdms/v1/FirmwareOffer.ts';
import type { Identity as _zdms_v1_Identity, Identity__Output as _zdms_v1_Identity__Output } from './zdms/v1/Identity.ts';
import type { PackageOffer as _zdms_v1_PackageOffer, PackageOffer__Output as _zdms_v1_PackageOffer__Output } from './zdms/v1/PackageOffer.ts';
import type { PackageState as _zdms_v1_PackageState, PackageState__Output as _zdms_v1_PackageState__Output } from './zdms/v1/PackageState.ts';
import type { PutFile as _zdms_v1_PutFile, PutFile__Output as _zdms_v1_PutFile__Output } from './zdms/v1/PutFile.ts';
import type { RenewRequest as _zdms_v1_RenewRequest, RenewRequest__Output as _zdms_v1_RenewRequest__Output } from './zdms/v1/RenewRequest.ts';
import type { Report as _zdms_v1_Report, Report__Output as _zdms_v1_Report__Output } from './zdms/v1/Report.ts';
import type { Settings as _zdms_v1_Settings, Settings__Output as _zdms_v1_Settings__Output } from './zdms/v1/Settings.ts';
import type { Survey as _zdms_v1_Survey, Survey__Output as _zdms_v1_Survey__Output } from './zdms/v1/Survey.ts';
import type { Vitals as _zdms_v1_Vitals, Vitals__Output as _zdms_v1_Vitals__Output } from './zdms/v1/Vitals.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  zdms: {
    v1: {
      AgentMessage: MessageTypeDefinition<_zdms_v1_AgentMessage, _zdms_v1_AgentMessage__Output>
      AgentService: SubtypeConstructor<typeof grpc.Client, _zdms_v1_AgentServiceClient> & { service: _zdms_v1_AgentServiceDefinition }
      Check: MessageTypeDefinition<_zdms_v1_Check, _zdms_v1_Check__Output>
      CheckResult: MessageTypeDefinition<_zdms_v1_CheckResult, _zdms_v1_CheckResult__Output>
      ControllerMessage: MessageTypeDefinition<_zdms_v1_ControllerMessage, _zdms_v1_ControllerMessage__Output>
      EnrolRequest: MessageTypeDefinition<_zdms_v1_EnrolRequest, _zdms_v1_EnrolRequest__Output>
      FirmwareDevice: MessageTypeDefinition<_zdms_v1_FirmwareDevice, _zdms_v1_FirmwareDevice__Output>
      FirmwareOffer: MessageTypeDefinition<_zdms_v1_FirmwareOffer, _zdms_v1_FirmwareOffer__Output>
      Identity: MessageTypeDefinition<_zdms_v1_Identity, _zdms_v1_Identity__Output>
      PackageOffer: MessageTypeDefinition<_zdms_v1_PackageOffer, _zdms_v1_PackageOffer__Output>
      PackageState: MessageTypeDefinition<_zdms_v1_PackageState, _zdms_v1_PackageState__Output>
      PutFile: MessageTypeDefinition<_zdms_v1_PutFile, _zdms_v1_PutFile__Output>
      RenewRequest: MessageTypeDefinition<_zdms_v1_RenewRequest, _zdms_v1_RenewRequest__Output>
      Report: MessageTypeDefinition<_zdms_v1_Report, _zdms_v1_Report__Output>
      Settings: MessageTypeDefinition<_zdms_v1_Settings, _zdms_v1_Settings__Output>
      Survey: MessageTypeDefinition<_zdms_v1_Survey, _zdms_v1_Survey__Output>
      Vitals: MessageTypeDefinition<_zdms_v1_Vitals, _zdms_v1_Vitals__Output>
    }
  }
}

