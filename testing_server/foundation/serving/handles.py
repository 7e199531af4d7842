"""Room for connections: each is an open file, and many systems allow a process a thousand. Takes how many may come."""
import resource

# A connection, and the file that may be sent over it.
FILES_EACH = 2


def allow_connections(most: int) -> int:
    """Raises this process's own limit as far as the system lets it; how many open files are allowed now."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES_EACH * most
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return soft
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return wanted
