"""A local Agave v2 and Abaco v2 tenant: one set of back ends, two transports."""
