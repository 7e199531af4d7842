// Judges orders to delete as the seat in a browser does. Takes [{order, root, kept, now_ms}] as JSON on standard input;
// gives the word for each.
import { judgePurge, readOrder } from "../../../kiosk_client/static/src/browser_seat/receipts.js";

const told = [];
for await (const chunk of process.stdin) told.push(chunk);
process.stdout.write(JSON.stringify(JSON.parse(Buffer.concat(told)).map(({ order, root, attempt, kept, now_ms: now }) => {
  const receipt = readOrder(order, root);
  const leases = new Map(kept.leases.map(([lease, head]) => [lease, head]));
  return receipt ? judgePurge(receipt, attempt, { ...kept, leases }, now) : "bad_receipt";
})));
