"""Holders: who keeps the halves of a release slot's key, so that nobody alone reads a cipher before its hour.

Takes a secret and the cards of holders. Gives halves encrypted to each of them, the keeper process that gives its
halves at the hour of its own clock, and the tool a coordinator opens halves with on an own PC.
"""
