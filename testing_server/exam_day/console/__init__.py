"""The room console: what an organizer sees and does, as pages and as JSON for programs."""
