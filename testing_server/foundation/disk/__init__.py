"""The disk a running server lives on: how much room is left, what may still be written, what can be let go.

Takes the data folder. Gives `Disk`, its levels, and the ballast: a file that is only there to be deleted.
"""
from testing_server.foundation.disk.ballast import count_ballast, keep_ballast, release_ballast
from testing_server.foundation.disk.disk import Disk, attach_disk
from testing_server.foundation.disk.refusals import DiskScarce, SoundWaits
from testing_server.foundation.disk.rules import Level, Writing

__all__ = ["Disk", "DiskScarce", "Level", "SoundWaits", "Writing", "attach_disk", "count_ballast", "keep_ballast",
           "release_ballast"]
