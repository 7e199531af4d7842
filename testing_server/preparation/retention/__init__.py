"""How long data is kept, as the campaign says: what is due, what will go and how much, holding it back, deleting it.

Takes the campaign's data and what each stage registers of its own tables. Deletes by the stages' own verbs alone.
"""
