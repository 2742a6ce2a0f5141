"""Which seeded fault of a Keystone each test of Tempest was seen to find."""

from collections.abc import Mapping, Sequence

from proof.requirement import Seed

PROOFS: Mapping[str, Sequence[Seed]] = {}
