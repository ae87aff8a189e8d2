"""Images of functions and of terminals, built on a container engine."""
