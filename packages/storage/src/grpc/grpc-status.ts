/** Status codes of gRPC that matter here (https://grpc.io/docs/guides/status-codes). */
export const STATUS = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  DEADLINE_EXCEEDED: 4,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  UNAUTHENTICATED: 16,
} as const;

/** How a call ended. */
export interface GrpcStatus {
  readonly code: number;
  readonly details: string;
  /** The server has not seen the request, or says that it did nothing about it: it may be sent again whatever it asks. */
  readonly neverSent?: boolean;
}

/** A call that did not end well. */
export class GrpcError extends Error {
  readonly code: number;
  readonly details: string;
  readonly neverSent: boolean;

  constructor({ code, details, neverSent = false }: GrpcStatus) {
    super(details);
    this.code = code;
    this.details = details;
    this.neverSent = neverSent;
  }
}

export function unavailable(details: string, neverSent: boolean): GrpcStatus {
  return { code: STATUS.UNAVAILABLE, details, neverSent };
}

/** Of the HTTP status of an answer that is not gRPC's ("HTTP to gRPC Status Code Mapping"). */
const OF_HTTP: Readonly<Record<string, number>> = {
  '400': STATUS.INTERNAL,
  '401': STATUS.UNAUTHENTICATED,
  '403': STATUS.PERMISSION_DENIED,
  '404': STATUS.UNIMPLEMENTED,
  '429': STATUS.UNAVAILABLE,
  '502': STATUS.UNAVAILABLE,
  '503': STATUS.UNAVAILABLE,
  '504': STATUS.UNAVAILABLE,
};

/** What the header fields at the end of an answer say; an answer without a gRPC status came from something else. */
export function statusOfFields(fields: ReadonlyMap<string, string>, http: string | undefined): GrpcStatus {
  const code = fields.get('grpc-status');
  if (code !== undefined && /^\d{1,3}$/.test(code)) {
    return { code: Number(code), details: percentDecoded(fields.get('grpc-message') ?? '') };
  }
  const answer = http === undefined ? 'without status' : `with HTTP status ${http}`;
  return { code: OF_HTTP[http ?? ''] ?? STATUS.UNKNOWN, details: `an answer ${answer} that is not gRPC` };
}

/** Of the error code of RST_STREAM ("HTTP2 Transport Mapping", errors). */
export function statusOfReset(error: number): GrpcStatus {
  const details = `the server ended the stream with error ${error}`;
  switch (error) {
    case 7: // REFUSED_STREAM
      return unavailable(details, true);
    case 8: // CANCEL
      return { code: STATUS.CANCELLED, details };
    case 11: // ENHANCE_YOUR_CALM
      return { code: STATUS.RESOURCE_EXHAUSTED, details };
    case 12: // INADEQUATE_SECURITY
      return { code: STATUS.PERMISSION_DENIED, details };
    default:
      return { code: STATUS.INTERNAL, details };
  }
}

/** As gRPC escapes `grpc-message`; what is not well escaped stays as it is. */
function percentDecoded(text: string): string {
  if (!text.includes('%')) return text;
  const bytes = text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString();
}
