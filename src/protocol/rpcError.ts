import { ERRORS, type ErrorJson, errorFromJson, errorToJson, VdbError } from '../model/errors.ts';

/** The `error` member of a JSON-RPC response. */
export interface RpcError {
  code: number;
  message: string;
  data?: unknown;
}

/** Numbers that JSON-RPC itself defines; all other errors have those of the error table. */
export const RPC = { parse: -32700, request: -32600, method: -32601, params: -32602 } as const;

export function toRpcError(error: VdbError, number: number = ERRORS[error.code].wire): RpcError {
  return { code: number, message: error.message, data: errorToJson(error) };
}

export function fromRpcError(error: RpcError): VdbError {
  const data = error.data as ErrorJson | undefined;
  if (typeof data === 'object' && data !== null && typeof data.code === 'string') return errorFromJson(data);
  return new VdbError('protocol', `the daemon answered with error ${error.code}: ${error.message}`, {
    reason: 'bad_answer',
    outcome: 'unknown',
  });
}
