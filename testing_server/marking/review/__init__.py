"""The experts' desk: the queue of nameless answers, leases on them, marks as append-only events."""
