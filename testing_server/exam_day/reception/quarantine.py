"""Why a package is kept aside. Takes a word of protocol.md §5; gives an exception that carries it."""

REASONS = frozenset({
    "unreadable", "bad_signature", "unknown_school_key", "expired_key", "digest_mismatch", "too_large", "unsafe_path",
    "unsupported_format", "diverged", "missing_previous", "withdrawn_or_redated", "unexpected_file", "foreign_archive",
})


class Quarantine(Exception):
    """The package is not used but kept; `detail` is for a coordinator and a log, it names no person."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}")
        if reason not in REASONS:
            raise ValueError(f"{reason} is no reason of the protocol")
        self.reason, self.detail = reason, detail
