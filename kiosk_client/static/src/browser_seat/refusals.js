// Why the seat did not do what it was asked: a code that the page has words for, as the agent gives them.
export class Refusal extends Error {
  constructor({ code, message = "", retry_after_s: wait = null }) {
    super(message || code);
    this.code = code;
    this.wait = wait;
  }
}

/** The server said no: `status` and its own code. */
export class Refused extends Refusal {
  constructor(status, told) {
    super({ code: `http_${status}`, ...told });
    this.status = status;
  }
}

export const refuse = (code, message) => new Refusal({ code, message });
export const notNow = (why) => refuse("not_now", why);
export const serverAway = (why) => refuse("server_away", why);
