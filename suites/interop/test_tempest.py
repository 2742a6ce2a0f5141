"""Tempest's own tests: those that a chosen guideline names, each an item of its own."""

from proof.foreign.items import ForeignTests
from suites.interop.proofs import PROOFS

tempest = ForeignTests(PROOFS)
