"""The server is disposable: room ledgers that workstations keep, a server that takes over, one that steps back."""
