// Whom a command is for: quick groups, a range of seats, and their names in words. Pure: takes seats, gives attempts.
const MOST_NAMED = 20;

// [{label, attempts}] that can be chosen at once; empty groups are left out.
export function listGroups(seats, texts) {
  const groups = [
    {label: texts.textGroupTrouble, attempts: pick(seats, (seat) => seat.trouble)},
    {label: texts.textGroupUnconfirmed, attempts: pick(seats, (seat) => seat.waiting.length)},
    {label: texts.textGroupOwed, attempts: pick(seats, (seat) => seat.outage.owed_ms >= 1000)},
    ...split(seats, (seat) => seat.state_text, (state) => state),
    ...split(seats, (seat) => seat.variant, (variant) => `${texts.textVariant} ${variant}`),
    ...split(seats, (seat) => seat.row, (row) => `${texts.textRow} ${row}`),
  ];
  return groups.filter((group) => group.attempts.length);
}

function pick(seats, isOf) {
  return seats.filter(isOf).map((seat) => seat.attempt);
}

function split(seats, keyOf, labelOf) {
  const keys = [...new Set(seats.map(keyOf))].filter((key) => key !== null && key !== "");
  keys.sort((one, other) => String(one).localeCompare(String(other), "ru", {numeric: true}));
  return keys.map((key) => ({label: labelOf(key), attempts: pick(seats, (seat) => keyOf(seat) === key)}));
}

// From the seat chosen before to this one, in the order shown.
export function listRange(order, from, to) {
  const [first, last] = [order.indexOf(from), order.indexOf(to)].sort((one, other) => one - other);
  return first < 0 ? [to] : order.slice(first, last + 1);
}

// "места 1, 4, 17"; those without a seat by their code, after the others.
export function nameSeats(seats, texts) {
  const numbers = seats.filter((seat) => seat.seat).map((seat) => seat.seat)
    .sort((one, other) => one.localeCompare(other, "ru", {numeric: true}));
  const codes = seats.filter((seat) => !seat.seat).map((seat) => seat.code).sort();
  const named = [...numbers, ...codes.map((code) => `${texts.textCode} ${code}`)];
  const rest = named.length - MOST_NAMED;
  const word = named.length === 1 && numbers.length ? texts.textSeat.toLowerCase() : texts.textSeats;
  return `${word} ${named.slice(0, MOST_NAMED).join(", ")}${rest > 0 ? ` ${texts.textAndMore} ${rest}` : ""}`;
}

// Of those who were told a command: who has not confirmed it. `told`: attempt -> [generation, number].
export function listUnconfirmed(told, seats) {
  return [...told].map(([attempt, name]) => [seats.get(attempt), name])
    .filter(([seat, name]) => seat?.waiting.some((one) => one[0] === name[0] && one[1] === name[1]))
    .map(([seat]) => seat);
}
