"""Founding: what a hub needs before it answers anybody.

Takes the services of the hub. Gives them its keys and folders, or refuses to start.
"""
