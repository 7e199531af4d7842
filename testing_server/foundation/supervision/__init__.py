"""Supervision: the processes of one role and what outlives a crash of one of them.

Takes the commands of children. Gives a supervisor that restarts them, ports.json with their addresses, and
memory that a restarted child finds again though it never was on a disk.
"""
from testing_server.foundation.supervision.memory import MemoryKeeper
from testing_server.foundation.supervision.orphans import PARENT, end_with_parent
from testing_server.foundation.supervision.ports import choose_ports, find_free_port, read_ports
from testing_server.foundation.supervision.supervisor import Child, Supervisor, is_running, make_children

__all__ = ["PARENT", "Child", "MemoryKeeper", "Supervisor", "choose_ports", "end_with_parent", "find_free_port",
           "is_running", "make_children", "read_ports"]
