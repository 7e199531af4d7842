"""The fire drill: robots sit a work while servers, seats, cables, disks, microphones and clocks are harmed.

Takes how many seats, which faults, which material; gives what was sent, kept and lost, as it will be signed.
"""
