"""Forms to print and to download: slips with codes and logins, the blank of the name protocol, the electronic protocol.

Takes candidates by code. Gives PDF and xlsx bytes; no form has a place filled with a name.
"""
