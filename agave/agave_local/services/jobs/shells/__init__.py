"""The machines on which jobs run: commands and files, here or over SSH."""
