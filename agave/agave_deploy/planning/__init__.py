"""From what a tenant holds to what it shall hold: plan, steps, executor."""
