"""The smallest actor there can be: it sends its message back."""
