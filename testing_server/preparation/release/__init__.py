"""Release: ciphers and criteria, each at its own hour and not a second earlier.

Takes slots (keys that are files outside the database) and the clock of the application. Gives a cipher to the
school it belongs to, and opened criteria to marking.
"""
