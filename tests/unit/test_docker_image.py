"""What Docker is given: the image, the settings of a container, the programs beside dockerd."""

import io
import tarfile
from pathlib import Path

import pytest

from labs.docker.containers import settings
from labs.docker.image import archive
from labs.docker.prepare import docker_proxy
from labs.errors import LabError


def program(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_the_image_holds_busybox_and_links_to_it(tmp_path: Path) -> None:
    with tarfile.open(fileobj=io.BytesIO(archive(program(tmp_path / "busybox")))) as tar:
        assert tar.getmember("bin/busybox").mode == 0o755
        read = tar.extractfile("bin/busybox")
        assert read is not None
        assert read.read() == b"#!/bin/sh\n"
        assert tar.getmember("bin/sh").linkname == "busybox"


def test_ports_are_of_the_node_first() -> None:
    told = settings("blue", [(5000, 6000, "udp")], terminals=True)
    assert told["ExposedPorts"] == {"6000/udp": {}}
    expected = {"NetworkMode": "blue", "PortBindings": {"6000/udp": [{"HostPort": "5000"}]}, "Tmpfs": {}}
    assert told["HostConfig"] == expected


def test_a_container_without_terminals_has_none_mounted() -> None:
    told = settings("bridge", [], terminals=False)
    assert told["HostConfig"] == {"NetworkMode": "bridge", "PortBindings": {}, "Tmpfs": {"/dev/pts": ""}}


@pytest.mark.parametrize("place", ["usr/sbin", "usr/libexec/docker"])
def test_docker_proxy_is_found_where_releases_have_it(tmp_path: Path, place: str) -> None:
    program(tmp_path / "usr/sbin/dockerd")
    proxy = program(tmp_path / place / "docker-proxy")
    assert docker_proxy(f"/nowhere:{tmp_path / 'usr/sbin'}") == proxy


def test_without_dockerd_it_is_told_which_binaries_are_missing(tmp_path: Path) -> None:
    with pytest.raises(LabError, match="binaries of DOCKER"):
        docker_proxy(str(tmp_path))


def test_without_docker_proxy_it_is_told_to_fetch_again(tmp_path: Path) -> None:
    program(tmp_path / "usr/sbin/dockerd")
    with pytest.raises(LabError, match="binaries fetch"):
        docker_proxy(str(tmp_path / "usr/sbin"))
