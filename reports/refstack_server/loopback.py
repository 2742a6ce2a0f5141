"""Which servers are on this machine: nobody is between us and them."""

from contextlib import suppress
from ipaddress import ip_address
from urllib.parse import urlsplit


def on_loopback(url: str) -> bool:
    """Whether a server's address is one of this machine's own loopback; by its words alone, no name is looked up."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    with suppress(ValueError):
        return ip_address(host).is_loopback
    return host == "localhost" or host.endswith(".localhost")
