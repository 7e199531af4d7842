"""What a machine must be like for an exam: looks at it, says in a sentence what is wrong and what to do.

Takes a door to the system and what the agent knows; gives findings for the terminal, the page and the server.
"""
