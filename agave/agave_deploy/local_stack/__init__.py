"""The local stack: the tenant as a process, its accounts, what it leaves behind."""
