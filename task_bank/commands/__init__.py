"""The commands of task-bank, a file each: they read files, call the bank and print."""
