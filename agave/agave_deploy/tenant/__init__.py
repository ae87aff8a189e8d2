"""A tenant as it is: its client, and what it holds now."""
