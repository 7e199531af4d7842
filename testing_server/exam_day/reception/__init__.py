"""Reception: response packages arrive at the hub, are checked and answered with a signed receipt.

Takes resumable uploads. Gives accepted attempts to marking, and keeps aside, with the reason, what is damaged.
"""
