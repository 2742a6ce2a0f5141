"""The documents: their commands work, their example is true, their lists are whole.

Each command of a `sh` block stands in HOW. What is cheap is run, on a kept lab where it needs one and with the files it names;
what is not is asked to list what it would do, or is run by another test.
"""

import configparser
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from labs.certificates import Authority
from labs.kafka.history import Recorder
from labs.kafka.operations import End, Header, Read, Write
from tests.labs.refstack_server import needs_server

ROOT = Path(__file__).parents[2]
PAGES = [*(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")), *sorted(ROOT.glob("docs/*.md"))]
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.M | re.S)
LAB_FILE = re.compile(r"^`([\w./]+\.yaml)`\n\n```yaml\n(.*?)^```", re.M | re.S)
FILE = re.compile(r"^`([\w./]+)`[^\n]*\n\n```(?:python|json)\n(.*?)^```", re.M | re.S)
LISTED = "--list-requirements"

HOW = {
    "./bootstrap": "tests/acceptance/test_setup.py",
    ".ci/run": "tests/acceptance/test_setup.py",
    "tox -e tests": "exists",
    "tox -e tests -- tests/unit": "exists",
    "tox -e lint": "exists",
    "tox -e type": "exists",
    "tox -e report": "tests/unit/test_allure_html.py",
    "tox -e conformance": LISTED,
    "tox -e conformance -- --list-requirements": "run",
    "tox -e conformance -- --list-requirements --program flannel": "run",
    "tox -e conformance -- --program flannel-vxlan": LISTED,
    "tox -e conformance -- --program flannel@legacy": LISTED,
    "tox -e conformance -- --program forward-policy": LISTED,
    "tox -e conformance -- --program flannel -k daemons": "example",
    "tox -e conformance -- --full": LISTED,
    "tox -e conformance -- --rerun failed": "tests/acceptance/test_verdict.py",
    "tox -e conformance -- --lab flannel": LISTED,
    "tox -e conformance -- --lab flannel --program flannel-readonly": "run",
    "tox -e proof -- --program flannel": LISTED,
    "tox -e proof -- --program flannel -k daemons": "example",
    "tox -e proof -- --program forward-policy": LISTED,
    "tox -e lab -- up flannel": "lab",
    "tox -e lab -- down flannel": "lab",
    "tox -e lab -- up flannel-vxlan": "second",
    "tox -e lab -- exec --lab flannel-vxlan n1 -- ip route": "second",
    "tox -e lab -- down flannel-vxlan": "second",
    "tox -e lab -- ps": "run",
    "tox -e lab -- exec n1 -- ip route": "run",
    "tox -e lab -- shell n1": "run",
    "tox -e lab -- logs n1 flanneld": "run",
    "tox -e lab -- fault": "run",
    'tox -e lab -- fault route_added n1 "10.244.254.0/24 via 192.168.0.102" --for 60': "run",
    "tox -e lab -- binaries": "run",
    "tox -e lab -- binaries fetch": "tests/labs/test_binaries.py",
    "tox -e lab -- sweep": "run",
    "tox -e conformance -- --program identity": LISTED,
    "tox -e conformance -- --list-requirements --program identity": "run",
    "tox -e proof -- --program identity": LISTED,
    "tox -e lab -- up identity": "tests/acceptance/test_tempest.py",
    "tox -e conformance -- --lab identity": "tests/acceptance/test_tempest.py",
    "tox -e lab -- down identity": "tests/acceptance/test_tempest.py",
    "tox -e conformance -- --lab mycloud.yaml": LISTED,
    "tox -e conformance -- --lab mycloud.yaml --program identity": LISTED,
    "tox -e conformance -- --program kafka": LISTED,
    "tox -e conformance -- --program kafka@2.4 --program kafka-zookeeper": LISTED,
    "tox -e conformance -- --program kafka --full": LISTED,
    "tox -e conformance -- --program kafka -k leader_cut_off": LISTED,
    "tox -e conformance -- --list-requirements --program kafka": "run",
    "tox -e proof -- --program kafka": LISTED,
    "tox -e history -- failover.history": "run",
    "tox -e lab -- up kafka": "kafka",
    "tox -e lab -- logs broker1 kafka": "kafka",
    "tox -e lab -- fault killed broker1/kafka --for 5": "kafka",
    "tox -e lab -- down kafka": "kafka",
    "tox -e lab -- up kafka@2.4 --name slow --defaults": "slow",
    "tox -e lab -- down slow": "slow",
    "tox -e conformance -- --lab mykafka.yaml": LISTED,
    "tox -e conformance -- --lab mykafka.yaml --program kafka-readonly": LISTED,
    "tox -e conformance -- --guideline 2015.07.json --program compute": LISTED,
    "tox -e conformance -- --guideline carried.json --program compute": LISTED,
    "tox -e guideline -- carry 2015.07.json -o carried.json": "run",
    "tox -e judge -- uploaded.json --guideline 2015.07.json --program compute": "run",
    "tox -e lab -- up refstack": "server",
    "tox -e upload -- results/refstack/identity.json --server http://127.0.0.1:36203": "server",
    "tox -e upload -- results --server http://127.0.0.1:36203 --key ~/.ssh/id_rsa --openid https://lab.example/openid/operator"
    " --share --target compute --guideline 2020.06": "server",
    "tox -e lab -- down refstack": "server",
    "tox -e bundle -- results --key ~/.ssh/id_rsa --bundle mycloud.zip": "server",
    "tox -e verify -- mycloud.zip --key ~/.ssh/id_rsa.pub": "server",
}
TEST = "tempest.api.identity.v3.test_tokens.TokensV3Test.test_create_token"
RESULTS = {"cpid": "7a0f6d381c35", "duration_seconds": 184, "results": [{"name": TEST}]}
GUIDELINE = {
    "metadata": {"id": "2015.07", "schema": "2.0"},
    "platforms": {"OpenStack Powered Compute": {"components": [{"name": "compute"}]}},
    "components": {"compute": {"capabilities": {"required": ["tokens"]}}},
    "capabilities": {"tokens": {"tests": {TEST: {}}}},
}
"""In the form of the official files, of which there is none here."""


def commands() -> list[str]:
    """Every command of the documents once, tox by its name alone; those of upstream.md are run by test_upstream.py."""
    blocks = [block for page in PAGES if page.name != "upstream.md" for block in BLOCK.findall(page.read_text())]
    return list(dict.fromkeys(line.removeprefix(".venv/bin/") for block in blocks for line in block.splitlines() if line))


def argv(command: str) -> list[str]:
    """What tox would run for it."""
    tox = configparser.ConfigParser(interpolation=None)
    tox.read(ROOT / "tox.ini")
    before, _, arguments = command.partition(" -- ")
    of = tox[f"testenv:{before.split()[-1]}"]
    python, *words = shlex.split(re.sub(r"\{posargs[^}]*\}", arguments, of["commands"].strip()))
    return [sys.executable, *words] if python == "python" else [python, *words]


def environment(tree: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "TOX_"))}
    path = os.pathsep.join([str(tree), str(ROOT), str(ROOT / "fixtures")])
    return kept | {"PYTHONPATH": path, "COLUMNS": "160", "LABPROOF_MYCLOUD_PASSWORD": "secret", "NO_PROXY": "127.0.0.1"} | more


def run(words: list[str], state: Path, folder: Path = ROOT) -> str:
    ended = subprocess.run(
        words, cwd=folder, env=environment(folder, LABPROOF_STATE=str(state)), timeout=120,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    assert ended.returncode == 0, f"{shlex.join(words)}\n{ended.stdout}"
    return ended.stdout


def files() -> dict[str, str]:
    """What users have, by the names that commands of the documents give it; lab files are those that are shown there."""
    lab_files = dict(found for page in PAGES for found in LAB_FILE.findall(page.read_text()))
    assert set(lab_files) == {"mycloud.yaml", "mykafka.yaml"}
    made = {"uploaded.json": json.dumps(RESULTS), "failover.history": history()}
    return {**lab_files, **made} | dict.fromkeys(["2015.07.json", "carried.json"], json.dumps(GUIDELINE))


def history() -> str:
    """Of one record, which was acknowledged and read."""
    with TemporaryDirectory() as folder, Recorder(Path(folder, "history"), Header("orders", 1)) as recorder:
        for each in (Write(0, 0, "k", 0, 0, 500, "ok", 0), Read("final", 0, 900, 0, (0,)), End(0, 800, 1, 1)):
            recorder.add(each)
        return recorder.path.read_text()


def certificates() -> dict[str, str]:
    """What mykafka.yaml names."""
    authority = Authority.make("mine")
    client = authority.issue("client", ["client"])
    return {"ca.pem": authority.pem, "client.pem": client.certificate, "client.key": client.key}


def at_hand(words: list[str], folder: Path) -> list[str]:
    """The words with the files that they name, which are put into the folder unless the command is to write them."""
    known = files()
    for before, word in pairwise(words):
        if word in known and before != "-o":
            for name, text in {word: known[word], **(certificates() if word == "mykafka.yaml" else {})}.items():
                (folder / name).write_text(text)
    return [str(folder / word) if word in known else word for word in words]


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where the lab is up that the documents' commands ask for."""
    folder = tmp_path_factory.mktemp("state")
    run(argv("tox -e lab -- up flannel"), folder)
    yield folder
    run(argv("tox -e lab -- down flannel"), folder)


@pytest.mark.parametrize("command", commands())
def test_each_command_works(command: str, state: Path, tmp_path: Path) -> None:
    assert command in HOW, f"{command}: say in HOW how it is tested"
    how = HOW[command]
    if how.startswith("tests/"):
        assert command.split()[-1].split("/")[-1] in (ROOT / how).read_text()
    if not command.startswith("tox "):
        assert os.access(ROOT / command, os.X_OK)
        return
    words = at_hand(argv(command), tmp_path)
    if words[:3] == [sys.executable, "-m", "proof"]:
        words += ["--results", str(tmp_path / "results")]
    if how in ("run", LISTED):
        shortened = [{"60": "0.1"}.get(word, word) for word in words]
        # `reports` writes where it is called
        folder = tmp_path if "reports" in words else ROOT
        run([*shortened, LISTED] if how == LISTED else shortened, state, folder)


def test_the_commands_for_a_second_lab_work_beside_the_first(state: Path) -> None:
    up, look, down = (command for command, how in HOW.items() if how == "second")
    run(argv(up), state)
    try:
        assert "dev flannel.1 onlink" in run(argv(look), state)
    finally:
        run(argv(down), state)


def test_the_commands_for_a_kafka_lab_work_in_their_order(tmp_path: Path) -> None:
    up, logs, fault, down = (command for command, how in HOW.items() if how == "kafka")
    assert "192.168.200.1:9093" in run(argv(up), tmp_path)
    try:
        assert "started (kafka.server" in run(argv(logs), tmp_path)
        assert "kafka: settled" in run(argv(fault), tmp_path)
    finally:
        run(argv(down), tmp_path)


def test_a_kafka_lab_comes_up_with_the_products_own_times(tmp_path: Path) -> None:
    up, down = (command for command, how in HOW.items() if how == "slow")
    assert "Kafka 2.4.1" in run(argv(up), tmp_path)
    run(argv(down), tmp_path)


@needs_server
def test_the_commands_for_a_server_of_results_work_in_their_order(state: Path, tmp_path: Path) -> None:
    up, anonymous, signed, down, bundle, verify = (command for command, how in HOW.items() if how == "server")
    (tmp_path / "results/refstack").mkdir(parents=True)
    (tmp_path / "results/refstack/identity.json").write_text(json.dumps(RESULTS))
    told = run(argv(up), state)
    try:
        [server] = set(re.findall(r"--server (\S+)", told))
        [key] = re.findall(r"\((\S+) for OpenSSH\)", told)
        has = {"http://127.0.0.1:36203": server, "~/.ssh/id_rsa": key, "~/.ssh/id_rsa.pub": f"{key}.pub"}
        says = ("equal", "shared: true", "signed", "whole")
        for command, word in zip((anonymous, signed, bundle, verify), says, strict=True):
            words = [has.get(each, each) for each in argv(command)]
            said = run([*words, "-y"] if "--server" in words else words, state, tmp_path)
            assert word in said, said
    finally:
        run(argv(down), state)


def test_nothing_stands_in_the_table_that_no_document_says() -> None:
    assert set(HOW) <= set(commands())


def test_the_list_of_faults_is_whole(state: Path) -> None:
    assert run(argv("tox -e lab -- fault"), state) in (ROOT / "docs/labs.md").read_text()


@pytest.fixture(scope="module")
def listed(state: Path) -> list[dict[str, Any]]:
    """Each requirement of every program that is run by default."""
    found: list[dict[str, Any]] = json.loads(run([*argv("tox -e conformance"), LISTED, "--json"], state))
    assert found
    return found


def test_every_requirement_stands_in_a_document_once_with_its_faults(listed: list[dict[str, Any]]) -> None:
    """In docs/flannel.md or docs/flannel-vxlan.md, say."""
    rows = [line for page in PAGES for line in page.read_text().splitlines() if line.startswith("| `test_")]
    wrong = []
    for test, faults in {each["requirement"]: each["faults"] for each in listed if ours(each)}.items():
        name = test.rpartition(".")[2]
        named = [re.findall(r"`(\w+)`", row.split("|")[-2]) for row in rows if row.startswith(f"| `{name}` |")]
        wrong += [f"{test}: {', '.join(faults)}"] if named != [faults] else []
    assert not wrong, "\n".join(["expected in one row of docs/, with the faults that prove it last:", *wrong])


def test_every_capability_of_tempests_tests_has_its_row(listed: list[dict[str, Any]]) -> None:
    """They are too many for a row each: it is a capability's, with all faults that its tests were seen to find."""
    [guideline] = sorted(ROOT.glob("guidelines/labproof.*.json"))[-1:]
    about = json.loads(guideline.read_text())["capabilities"]
    held: dict[tuple[str, str], list[list[str]]] = {}
    for each in listed:
        if not ours(each):
            held.setdefault((each["capability"], each["status"]), []).append(each["faults"])
    rows = [row(name, status, about[name]["description"], faults) for (name, status), faults in held.items()]
    there = (ROOT / "docs/interop.md").read_text().splitlines()
    missing = [each for each in rows if each not in there]
    assert rows
    assert not missing, "\n".join(["expected in docs/interop.md:", *missing])


def ours(listed: dict[str, Any]) -> bool:
    return str(listed["requirement"]).startswith("suites.")


def row(capability: str, status: str, description: str, faults: list[list[str]]) -> str:
    """`faults` are those of each test."""
    unproven = sum(not each for each in faults)
    tests = f"{len(faults)}, {unproven} unproven" if unproven else str(len(faults))
    names = ", ".join(f"`{name}`" for name in sorted({name for each in faults for name in each}))
    return f"| `{capability}` | {status} | {tests} | {description} | {names} |"


def test_links_between_the_documents_lead_somewhere() -> None:
    for page in PAGES:
        for target, heading in re.findall(r"\]\(([\w./-]*)(#[\w-]+)?\)", page.read_text()):
            file = page.parent / target if target else page
            assert file.exists(), f"{page.name}: {target}"
            assert not heading or heading in headings(file), f"{page.name}: {heading}"


def headings(page: Path) -> list[str]:
    return [anchor(each) for each in re.findall(r"^#+ (.*)", page.read_text(), re.M)]


def anchor(heading: str) -> str:
    """As GitHub makes it."""
    return "#" + re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """A checkout to which the example of CONTRIBUTING was added, as it says."""
    for name in ("suites", "guidelines"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("conftest.py", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    for name, text in FILE.findall((ROOT / "CONTRIBUTING.md").read_text()):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith(".json"):
            guideline = json.loads(file.read_text())
            guideline["capabilities"] |= json.loads(text)
            guideline["components"]["flannel-observe"]["capabilities"]["required"] += json.loads(text)
            text = json.dumps(guideline)
        file.write_text(text)
    return tmp_path


def test_the_example_is_listed_and_its_judge_tested(example: Path, state: Path) -> None:
    listed = run([*argv("tox -e conformance -- --program flannel -k daemons"), LISTED], state, example)
    assert "suites.flannel.test_daemons.test_flanneld_runs_on_every_node" in listed
    assert "proven by flanneld_stopped" in listed
    said = run([sys.executable, "-m", "pytest", "-q", "tests/unit"], state, example)
    assert "1 passed" in said


def test_the_example_is_proven(example: Path, state: Path) -> None:
    said = run(argv("tox -e proof -- --program flannel -k daemons"), state, example)
    assert "1 of 1 seeded faults caught, 0 false alarms" in said
