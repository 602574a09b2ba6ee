/** An answer other than success: the status, and the text of `status.error`. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export const wrongInput = (what: string): Refusal => new Refusal(400, `Wrong input: ${what}`);
export const notFound = (what: string): Refusal => new Refusal(404, `Not found: ${what}`);
/** Of the body: what serde could not make of it. */
export const badFormat = (what: string): Refusal => new Refusal(400, `Format error in JSON body: ${what}`);
export const invalidBody = (what: string): Refusal => new Refusal(422, `Validation error in JSON body: [${what}]`);
