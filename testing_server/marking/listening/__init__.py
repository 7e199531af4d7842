"""What the desk needs of a recording besides its sound: picture, speech and silence, loudness; computed once."""
