"""The judge of the FORWARD policy: who has set it DROP, and that it stays so."""

from collections.abc import Iterator, Mapping, Sequence

from labs.forward_policy.observations import Stage
from labs.problem import Problem


def policy_problems(stages: Mapping[str, Sequence[Stage]], by: str) -> list[Problem]:
    """Nodes whose policy is not DROP from the step `by` on, or was so before it and therefore by somebody else."""
    return [problem for node, own in stages.items() for problem in _judge(node, own, by)]


def _judge(node: str, stages: Sequence[Stage], by: str) -> Iterator[Problem]:
    expected, kind = "ACCEPT", "dropped-before"
    for stage in stages:
        if stage.step == by:
            expected, kind = "DROP", "policy-not-drop"
        if stage.policy != expected:
            yield Problem(kind, f"{node}: FORWARD after {stage.step}", f"policy {expected}", f"policy {stage.policy}")


def dropping_problems(policies: Mapping[str, str]) -> list[Problem]:
    """Nodes whose FORWARD policy is not DROP now."""
    rows = [(node, policy) for node, policy in policies.items() if policy != "DROP"]
    return [Problem("policy-not-drop", f"{node}: FORWARD", "policy DROP", f"policy {policy}") for node, policy in rows]


def table(stages: Mapping[str, Sequence[Stage]]) -> str:
    """The policies as text, a line a node."""
    return "\n".join(f"{node}: " + ", ".join(f"{s.step}: {s.policy}" for s in own) for node, own in stages.items())
