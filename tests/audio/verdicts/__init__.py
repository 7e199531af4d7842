"""A labelled set of sounds and how well the judge does on it: `python -m tests.audio.verdicts` prints the table.

Takes nothing but espeak-ng and chance with a seed; gives clips with labels that follow from how each was made
(docs/verdicts.md), split into a tuning and a test half.
"""
