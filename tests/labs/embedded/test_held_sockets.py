"""Sockets of the host's loopback that a lab holds, and that its daemons serve on from within their node."""

import socket
import subprocess
import sys
from collections.abc import Callable

import pytest

from labs.embedded.daemon import EmbeddedDaemon
from labs.embedded.site import Site
from labs.errors import LabError
from labs.wait import until, watch
from tests.labs.embedded.test_ends import GONE_WITHIN

ECHO = """
import os, socket, sys
served = [socket.socket(fileno=int(fd)) for fd in sys.argv[1:]]
print("serving", sorted(os.listdir("/proc/self/fd")), flush=True)
while True:
    for listener in served:
        connection, _ = listener.accept()
        connection.sendall(f"{socket.gethostname()} {listener.fileno()}".encode())
        connection.close()
"""


def answer(port: int) -> str:
    with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
        return connection.recv(64).decode()


def closed(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
    except ConnectionRefusedError:
        return True
    return False


def served(site: Site, *names: str) -> EmbeddedDaemon:
    argv = [sys.executable, "-I", "-S", "-c", ECHO, *(str(3 + place) for place, _ in enumerate(names))]
    return site.nodes["n1"].daemon("echo", argv, sockets=names)


@pytest.fixture
def port(site: Site) -> int:
    port = site.listen("front")
    daemon = served(site, "front")
    daemon.start()
    until(lambda: "serving" in daemon.log(), within=5, what="its first line")
    return port


def test_a_daemon_serves_the_host_from_within_its_node(site: Site, port: int) -> None:
    assert answer(port) == "n1 3"
    listening = site.nodes["n1"].host.run("cat /proc/net/tcp").stdout
    assert listening.count("\n") == 1, "the node itself has no such socket"


def test_a_daemon_has_nothing_else_than_its_sockets(site: Site, port: int) -> None:
    assert "['0', '1', '2', '3', " in site.nodes["n1"].daemons["echo"].log()
    assert "'5'" not in site.nodes["n1"].daemons["echo"].log(), "4 is the folder that is listed"


def test_it_is_there_for_the_next_start_by_another_process(site: Site, port: int) -> None:
    site.nodes["n1"].daemons["echo"].kill()
    again = served(Site.attach(site.name), "front")
    again.start()
    assert answer(port) == "n1 3"


def test_it_outlives_its_node(site: Site, port: int) -> None:
    site.nodes["n1"].power_off()
    site.nodes["n1"].power_on()
    site.nodes["n1"].daemons["echo"].start()
    assert answer(port) == "n1 3"


def test_several_come_in_the_order_asked_for(site: Site) -> None:
    first, second = site.listen("first"), site.listen("second")
    served(site, "second", "first").start()
    assert answer(second) == "n1 3"
    assert answer(first) == "n1 4"


def test_a_new_one_of_the_same_name_takes_the_place_of_the_old(site: Site) -> None:
    first, second = site.listen("front"), site.listen("front")
    assert first != second
    assert closed(first)
    served(site, "front").start()
    assert answer(second) == "n1 3"


def test_what_is_not_held_is_told(site: Site) -> None:
    with pytest.raises(LabError, match="nothing is held as back"):
        served(site, "back").start()


def test_it_ends_with_the_lab(site: Site, port: int) -> None:
    site.destroy()
    assert closed(port)


OWNER = """
import os, sys
from pathlib import Path
from labs.embedded.site import Site
from tests.labs.embedded.conftest import CLEAN
from tests.labs.embedded.test_held_sockets import served
site = Site.create("lab", logs=Path(sys.argv[1]), environment=CLEAN, owner=os.getpid())
site.add({"n1": "192.168.0.101/24"})
port = site.listen("front")
served(site, "front").start()
print(port, flush=True)
input()
"""


def test_it_ends_when_the_labs_owner_is_killed(tmp_path_factory: pytest.TempPathFactory) -> None:
    argv = [sys.executable, "-c", OWNER, str(tmp_path_factory.mktemp("logs"))]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        port = int(owner.stdout.readline())
        assert answer(port) == "n1 3"
        owner.kill()
        assert watch(lambda: closed(port), bool, within=GONE_WITHIN).met


def test_a_daemon_without_sockets_inherits_none(make: Callable[..., Site]) -> None:
    site = make("other", nodes=1)
    site.listen("front")
    served(site).start()
    until(lambda: "serving" in site.nodes["n1"].daemons["echo"].log(), within=5, what="its first line")
    assert "['0', '1', '2', '3']" in site.nodes["n1"].daemons["echo"].log()
