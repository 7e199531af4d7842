"""Appeals: what a candidate's receipt code proves. Takes a typed code; gives the recorded work it stands for, or no."""
