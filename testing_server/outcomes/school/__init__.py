"""What comes out of marking on a classroom server: the result form filled, and the signed protocol, for the hub."""
