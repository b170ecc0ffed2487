// Original file: proto/zdms/v1/agent.proto


export interface FirmwareOffer {
  'version'?: (string);
  'sha256'?: (string);
}

export interface FirmwareOffer__Output {
  'version': (string);
  'sha256': (string);
}
