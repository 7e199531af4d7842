// Hints over Socket.IO: the server says that something changed, the seat says how loud it is. All of it may be lost:
// everything works without this.
import { io } from "socket.io-client";

const RETRY_MS = 5000;
const LEVEL_MS = 200;

export class Hints {
  /** `getToken()`: of the session, "" before the first hello; `onChanged()` when the server has something new. */
  constructor(getToken, onChanged) {
    this.told = 0;
    this.socket = io("/seat", { transports: ["websocket"], autoConnect: false, reconnection: false,
      auth: (give) => give({ token: getToken() }) });
    this.socket.on("changed", onChanged);
    setInterval(() => {
      if (getToken() && !this.socket.connected) this.socket.connect();
    }, RETRY_MS);
  }

  /** At most five a second; silently nothing where there is no connection. */
  tellLevel(attempt, { dbfs_x10, speech }) {
    if (!this.socket.connected || performance.now() - this.told < LEVEL_MS) return;
    this.told = performance.now();
    this.socket.volatile.emit("level", { attempt, dbfs_x10, speech: Number(speech) });
  }
}
