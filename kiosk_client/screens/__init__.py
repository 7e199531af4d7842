"""The page at the workstation: one page on loopback, its actions, its stream of snapshots."""
