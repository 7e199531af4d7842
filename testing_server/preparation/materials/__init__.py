"""Materials: a school's own variants, sealed in two archives with a cipher each.

Takes an assessment package, a school and a number of variants. Gives a materials archive and a criteria archive,
signed statements, and both ciphers encrypted to their release slots.
"""
