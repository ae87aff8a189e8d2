"""Profiles of tenants: everything that differs between one and another."""
