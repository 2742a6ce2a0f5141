"""The real refstack-client: it uploads the documents that we write, signed or not; and what it takes for success."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from labs import binaries
from labs.binaries.catalogue import REFSTACK_CLIENT
from labs.refstack.lab import OWN_GUIDELINES, RefStackLab
from reports import refstack as documents
from tests.labs.refstack_server import Api, needs_server, server, token

pytestmark = needs_server
LIMIT = 60.0
CPID = "5a4b3c2d1e0f5a4b3c2d1e0f5a4b3c2d"
PASSED = {
    "tempest.api.identity.v3.test_tokens.TokensV3Test.test_create_token": "6f8e4436-fc96-4282-8122-e41df57197a9",
    "tempest.api.identity.v3.test_api_discovery.TestApiDiscovery.test_list_api_versions": None,
}

Client = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RefStackLab]:
    with server(OWN_GUIDELINES, tmp_path_factory.mktemp("logs")) as lab:
        yield lab


@pytest.fixture
def client(lab: RefStackLab, tmp_path: Path) -> Client:
    """Runs it against the lab, by this Python with its own packages: they hold all that it imports."""
    place = binaries.install([REFSTACK_CLIENT], print)[REFSTACK_CLIENT.name].path
    clean = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "PYTHONPATH": str(place / "usr/lib/python3/dist-packages")}

    def run(*arguments: str | Path, url: str = lab.url) -> subprocess.CompletedProcess[str]:
        argv = [sys.executable, place / "usr/bin/refstack-client", *arguments, "--url", url, "-y"]
        return subprocess.run(argv, env=clean, cwd=tmp_path, capture_output=True, text=True, timeout=LIMIT, check=False)

    return run


@pytest.fixture
def document(tmp_path: Path) -> Path:
    """As a run leaves it in its results."""
    file = documents.write(tmp_path, "cloud", CPID, 184.2, PASSED.items())
    assert file is not None
    return file


def uploaded(done: subprocess.CompletedProcess[str]) -> str:
    """The id of the result that it says it has uploaded."""
    assert "Test results uploaded!" in done.stdout, done.stderr
    return done.stdout.split()[-1].rpartition("/")[2]


def stored(lab: RefStackLab, id: str) -> dict[str, str | None]:
    """Names and ids of a result, of which the API shows the names alone."""
    rows = lab.mariadb.sql(f"select name, uuid from results where test_id = '{id}'", "refstack").splitlines()
    return {name: None if uuid == "NULL" else uuid for name, _, uuid in (row.partition("\t") for row in rows)}


def test_it_uploads_what_we_wrote(lab: RefStackLab, client: Client, document: Path) -> None:
    id = uploaded(client("upload", document))
    kept = Api(lab.url).get(f"results/{id}")
    assert (kept["duration_seconds"], kept["user_role"], sorted(kept["results"])) == (184, "user", sorted(PASSED))
    assert stored(lab, id) == PASSED
    assert id in [each["id"] for each in Api(lab.url).get("results", params={"cpid": CPID})["results"]]


def test_it_uploads_what_we_wrote_signed(lab: RefStackLab, client: Client, document: Path) -> None:
    id = uploaded(client("upload", document, "-i", lab.private_key))
    api, key = Api(lab.url), load_pem_private_key(lab.private_key.read_bytes(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    assert api.ask("GET", f"results/{id}").status_code == 401
    kept = api.get(f"results/{id}", headers=token(key, lab.user_openid))
    assert (kept["user_role"], kept["cpid"], sorted(kept["results"])) == ("owner", CPID, sorted(PASSED))
    assert stored(lab, id) == PASSED


def test_it_ends_well_though_nothing_was_taken(lab: RefStackLab, client: Client, document: Path) -> None:
    """Why results are better uploaded by us."""
    held = lab.mariadb.sql("select count(*) from test", "refstack")
    told = json.loads(document.read_text())
    document.write_text(json.dumps(told | {"results": told["results"] * 2}))
    refused = client("upload", document)
    nobody = client("upload", document, url="http://127.0.0.1:9")
    modern = client("upload", document, "-i", lab.openssh_key)
    assert (refused.returncode, nobody.returncode, modern.returncode) == (0, 0, 0)
    assert "uploaded" not in refused.stdout + nobody.stdout + modern.stdout
    assert lab.mariadb.sql("select count(*) from test", "refstack") == held
