"""Results are sent, looked for before they are sent once more, read back and compared.

RefStack keeps what comes twice, and an anonymous result can be deleted by nobody; so every try begins with a look at what the
server has under the cloud's id. That also finds what an earlier command sent without getting an answer.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from reports.refstack import Results
from reports.refstack_server.answer import line
from reports.refstack_server.server import PAGES, Rejected, Server, Stored, Unreached
from reports.upload.patience import Patience

LAST_LOOK = 5.0  # seconds, when all the others are over
SETTLING = 5.0  # seconds within which a new result may not be there yet: a server can have several databases
NOT_KNOWN = (400, 401, 403)


class Different(Exception):
    """What the server has is not what was sent: one line."""


@dataclass
class Sending:
    """One upload; `again` sends what the server has already. `doubtful`: a try of ours may have arrived, without an answer."""

    server: Server
    results: Results
    body: bytes
    patience: Patience
    again: bool = False
    doubtful: bool = False
    sent: bool = False
    known: set[str] = field(default_factory=set)

    def store(self) -> Stored:
        """Send until the server has it; Unreached or Rejected where it has not, as far as can be known."""
        try:
            return self.patience.until_reached(self._attempt)
        except Unreached:
            found = self._last_look() if self.doubtful else None
            if found is None:
                raise
            return found

    def _attempt(self) -> Stored:
        if (found := self._look()) is not None:
            return found
        try:
            stored = self.server.store(self.body, self.patience.limit)
        except Unreached as trouble:
            self.doubtful = self.doubtful or trouble.arrived
            raise
        self.sent = True
        return stored

    def _look(self) -> Stored | None:
        """What the server has that is equal to the results; none with `again`, but for what came of a try of ours."""
        try:
            found = self._find(self.patience)
        except Rejected as refusal:
            if self.server.owner is not None and refusal.status in NOT_KNOWN:
                raise _unknown(refusal) from None
            if self.doubtful:
                self.patience.say(f"it cannot be looked for ({refusal}), so it is sent again, and may stand there twice")
            return None
        if found is not None and self.again and not self.doubtful:
            self.known.add(found.id)
            return self._look()
        return found

    def _find(self, patience: Patience) -> Stored | None:
        for page in range(1, PAGES + 1):
            entries, pages = self.server.listed(self.results.cpid, page, patience.limit)
            for entry in entries:
                if self._is_ours(entry) and self._is_equal(entry["id"], patience.limit):
                    return self.server.stored(entry)
            if page >= pages:
                break
        return None

    def _is_ours(self, entry: Mapping[str, Any]) -> bool:
        """It may be: another user's signed result is among the anonymous ones once it is shared."""
        foreign = self.server.owner is None and "shared" in (entry.get("meta") or {})
        return not foreign and entry["id"] not in self.known and entry.get("duration_seconds") == self.results.duration_seconds

    def _is_equal(self, id: str, seconds: float) -> bool:
        try:
            return not differences(self.results, self.server.result(id, seconds))
        except Rejected:
            return False

    def _last_look(self) -> Stored | None:
        try:
            return self._find(Patience(LAST_LOOK, self.patience.say))
        except (Unreached, Rejected):
            return None

    def read_back(self, stored: Stored) -> None:
        """Compare; Different where the server has something else, or nothing."""
        since = self.patience.passed
        try:
            found = self.patience.until_reached(lambda: self._settled(stored, since))
        except Rejected as refusal:
            raise Different(f"it was stored as {stored.url}, but is not shown to us: {refusal}") from None
        wrong = differences(self.results, found)
        if wrong:
            raise Different(f"{stored.url} is not what was sent: {'; '.join(wrong)}")

    def _settled(self, stored: Stored, since: float) -> Mapping[str, Any]:
        try:
            return self.server.result(stored.id, self.patience.limit)
        except Rejected as refusal:
            if refusal.status != 404 or self.patience.passed - since > SETTLING:
                raise
            raise Unreached(f"not there yet ({refusal})") from None

    def doubles(self, stored: Stored) -> Stored | None:
        """What came of an earlier try of ours beside this one."""
        if not (self.doubtful and self.sent):
            return None
        self.known.add(stored.id)
        return self._last_look()


def differences(results: Results, found: Mapping[str, Any]) -> list[str]:
    """In what the server's result is not the one that was sent; it shows no uuids, and the cpid to the owner alone."""
    here, there = Counter(of.name for of in results.results), Counter(found["results"])
    wrong = [
        f"{sum(names.values())} of its {sum(whole.values())} tests {what}, {min(names)[:80]!r} for one"
        for names, whole, what in ((here - there, here, "are not there"), (there - here, there, "were not sent"))
        if names
    ]
    for key in ("duration_seconds", "cpid"):
        sent = getattr(results, key)
        if found.get(key, sent) != sent:
            wrong.append(f"{key} {sent} was sent, {line(str(found[key]))} is there")
    return wrong


def _unknown(refusal: Rejected) -> Rejected:
    return Rejected(refusal.status, f"the server knows no user of this OpenID with this key: {refusal}")
