"""Passwords that are hashed in no time: what a real hash costs is its point, but not here."""

from argon2 import PasswordHasher

from tracker import security

SHIPPED = security._hasher
"""What hashes passwords outside tests."""


def hash_quickly() -> None:
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    security._hasher = quick
    security._nobodys_hash.cache_clear()
