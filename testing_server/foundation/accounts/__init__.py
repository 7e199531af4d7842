"""Accounts: who may sign in, and as what.

Takes a login and a role. Gives an account with a one-time password, sign-in pages, the person of a request.
"""
