"""The exam day in a classroom: workstations, sittings, responses, packages; and, at the hub, what it hears of them."""
