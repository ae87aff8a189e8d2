"""A local Agave v2 and Abaco v2 tenant: one set of back ends, two transports.

Tests of code that calls Agave begin at `agave_local.mock.mock_agave`.
"""
