"""Jobs that run where only a scheduler, SSH or both lead to."""
