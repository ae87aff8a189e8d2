"""What starts programs on a machine: Slurm, or the machine's own processes."""
