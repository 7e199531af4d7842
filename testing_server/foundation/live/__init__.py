"""Live: hints that something changed; facts are always fetched.

Takes "scope, version". Gives browsers that watch the scope at most four hints a second.
"""
from testing_server.foundation.live.live import Live

__all__ = ["Live"]
