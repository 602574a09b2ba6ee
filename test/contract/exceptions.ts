/** A case that a provider cannot pass, and why. It is run all the same, and must fail. */
interface Exception {
  provider: string;
  case: string;
  reason: string;
}

export const EXCEPTIONS: readonly Exception[] = [];

export function exceptionFor(provider: string, caseName: string): string | undefined {
  return EXCEPTIONS.find(entry => entry.provider === provider && entry.case === caseName)?.reason;
}
