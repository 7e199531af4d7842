"""`make dist`: one folder with everything a workstation installs from, without a network.

Takes this checkout and a package registry; gives wheels, a manifest with digests, and proof that nothing is missing.
"""
