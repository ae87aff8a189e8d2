"""What all of this is made of: locked, listed, audited, searched for secrets."""
