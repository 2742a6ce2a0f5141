"""What an owner does with a result on the server: share it, say what it is held against, delete it. All is read back."""

import re
from collections.abc import Mapping

from reports.refstack_server.answer import line
from reports.refstack_server.server import Rejected, Server, Unreached
from reports.upload.patience import Patience
from reports.upload.sending import Different

TARGETS = ("platform", "compute", "object", "dns", "orchestration", "shared_file_system", "load_balancer", "key_manager")
DATED = re.compile(r"(\d{4}\.\d{2}|next)(\.json)?")


def meta(*, share: bool, target: str | None, guideline: str | None) -> dict[str, str]:
    """What is to be written, in the words of the server's own page; ValueError says in a line what it would not know."""
    if target is not None and target not in TARGETS:
        raise ValueError(f'--target "{target}": RefStack knows {", ".join(TARGETS)}')
    date = DATED.fullmatch(guideline or "next")
    if date is None:
        raise ValueError(f'--guideline "{guideline}": the date of an official guideline is expected (2018.02)')
    held = {"target": target, "guideline": guideline and f"{date[1]}.json", "shared": "true" if share else None}
    return {key: value for key, value in held.items() if value}


def write(server: Server, id: str, wanted: Mapping[str, str], patience: Patience) -> None:
    """Write it and read it back; Different where the server then says something else."""
    for key, value in wanted.items():
        patience.until_reached(lambda key=key, value=value: server.put_meta(id, key, value, patience.limit))  # type: ignore[misc]
    found = patience.until_reached(lambda: server.result(id, patience.limit)).get("meta") or {}
    wrong = [f"{key} is {line(str(found.get(key)))}, not {value}" for key, value in wanted.items() if found.get(key) != value]
    if wrong:
        raise Different(f"{server.page(id)}: {'; '.join(wrong)}")


def delete(server: Server, id: str, patience: Patience) -> None:
    """Delete it, and look whether it is gone; Different where it is not."""
    doubtful = False

    def attempt() -> None:
        nonlocal doubtful
        try:
            server.delete(id, patience.limit)
        except Unreached as trouble:
            doubtful = doubtful or trouble.arrived
            raise
        except Rejected as refusal:
            if refusal.status != 404 or not doubtful:  # else a try that got no answer did it
                raise

    patience.until_reached(attempt)
    if not patience.until_reached(lambda: _gone(server, id, patience.limit)):
        raise Different(f"{server.page(id)}: still there, though the server said that it was deleted")


def _gone(server: Server, id: str, seconds: float) -> bool:
    try:
        server.result(id, seconds)
    except Rejected as refusal:
        return refusal.status == 404
    return False
