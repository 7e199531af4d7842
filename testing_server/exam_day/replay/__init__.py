"""Replay: the time line of one seat (prompts, answers, sound, link, commands), told from what was kept."""
