"""Codes: five digits in place of a name, once per campaign and school; logins, once per day.

Takes a number of candidates. Gives codes, a reserve, logins with check digits and the electronic protocol.
"""
