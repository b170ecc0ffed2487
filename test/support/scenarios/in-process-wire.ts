import { PassThrough } from 'node:stream';
import { type MethodDefinition, type requestCallback, type ServiceError, status } from '@grpc/grpc-js';
import { statusError } from '../../../controller/api/status-error.ts';
import { noController } from '../../../controller/cli/operator-client.ts';
import type { Document__Output } from '../../../proto/generated/zdms/v1/Document.ts';
import type {
  OperatorServiceClient,
  OperatorServiceDefinition,
  OperatorServiceHandlers,
} from '../../../proto/generated/zdms/v1/OperatorService.ts';
import { loadOperatorWire } from '../../../proto/load.ts';

type Callback = requestCallback<Document__Output>;
type Handler = (call: object, done: (error: Partial<ServiceError> | null, document?: object) => void) => void;

/** The wire between `zdms` and its controller without a socket: every request is encoded and decoded as on the real one, and no real time passes. */
export class InProcessWire {
  readonly #path: string;
  readonly #serving: () => OperatorServiceHandlers | null;
  readonly #service: OperatorServiceDefinition = loadOperatorWire().OperatorService.service;
  /** How each call in flight is lost. */
  readonly #inFlight = new Set<() => void>();

  /** `serving`: the handlers of the controller that listens on the path now; null: none does. */
  constructor(path: string, serving: () => OperatorServiceHandlers | null) {
    this.#path = path;
    this.#serving = serving;
  }

  /** What grpc-js makes of a service and a socket. */
  client(): OperatorServiceClient {
    const methods = {
      get: (_: object, name: string) =>
        name === 'close'
          ? () => undefined
          : (request: object, _options: object, done?: Callback) => this.#call(name, request, done),
    };
    return new Proxy({}, methods) as unknown as OperatorServiceClient;
  }

  #call(name: string, request: object, done?: Callback): PassThrough | null {
    const method = Object.entries(this.#service).find(([, each]) => each.originalName === name);
    if (method === undefined) throw new Error(`the operator API has no ${name}`);
    const [key, definition] = method as [string, MethodDefinition<object, object>];
    const sent = definition.requestDeserialize(definition.requestSerialize(request));
    if (definition.responseStream) return this.#stream(key, sent);
    this.#unary(key, sent, done);
    return null;
  }

  /** The controller is dead: whoever waits for it hears so. */
  breakAll(): void {
    for (const lose of this.#inFlight) lose();
  }

  #unary(key: string, request: object, done?: Callback): void {
    let isOver = false;
    const end = (error: Partial<ServiceError> | null, document?: object): void => {
      if (isOver) return;
      isOver = true;
      this.#inFlight.delete(lose);
      done?.(error as ServiceError | null, document as Document__Output);
    };
    const lose = (): void => end(this.#unavailable());
    const handler = this.#serving()?.[key] as Handler | undefined;
    if (handler === undefined) {
      queueMicrotask(lose);
      return;
    }
    this.#inFlight.add(lose);
    handler({ request }, end);
  }

  #stream(key: string, request: object): PassThrough {
    const stream = Object.assign(new PassThrough({ objectMode: true }), {
      request,
      cancel: () => {
        this.#inFlight.delete(lose);
        stream.emit('cancelled');
        stream.destroy();
      },
    });
    const lose = (): void => {
      this.#inFlight.delete(lose);
      stream.emit('cancelled');
      stream.destroy(Object.assign(new Error('lost'), this.#unavailable()));
    };
    const handler = this.#serving()?.[key] as ((call: object) => void) | undefined;
    if (handler === undefined) queueMicrotask(lose);
    else {
      this.#inFlight.add(lose);
      handler(stream);
    }
    return stream;
  }

  #unavailable(): Partial<ServiceError> {
    return { ...statusError(noController(this.#path)), code: status.UNAVAILABLE };
  }
}
