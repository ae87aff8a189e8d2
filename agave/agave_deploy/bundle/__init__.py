"""The functions of the checkout: actors.yaml and all other registrations."""
