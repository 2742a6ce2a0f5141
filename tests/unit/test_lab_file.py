"""Lab files: what is right is read, and all that is wrong is told with its line."""

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from labs.errors import UsageError
from labs.existing.form import Form, Section
from labs.existing.lab_file import LIMIT, LabFile, read
from labs.existing.marked import load
from labs.existing.slips import slips
from labs.existing.values import Secret
from labs.openstack.existing_form import CloudForm

RIGHT = """\
# mycloud.yaml
lab: mycloud
subject: openstack
cloud: mine
"""
SECRET = "correct-horse"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "clouds.yaml").write_text("clouds: {mine: {}}")
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LABPROOF_PASSWORD", SECRET)
    monkeypatch.delenv("NOT_SET", raising=False)
    return tmp_path


def reading(text: str | bytes, name: str = "lab.yaml") -> LabFile:
    path = Path(name)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read(path)


def wrong(text: str | bytes) -> list[str]:
    with pytest.raises(UsageError) as caught:
        reading(text)
    assert SECRET not in str(caught.value)
    return str(caught.value).splitlines()


def test_the_shortest(folder: Path) -> None:
    file = reading(RIGHT)
    assert (str(file), file.name, file.subject, file.allow) == ("lab.yaml", "mycloud", "openstack", ())
    own = file.own
    assert isinstance(own, CloudForm)
    assert (own.cloud, own.clouds_file, own.tempest_conf, own.password) == ("mine", None, None, None)


def test_paths_begin_in_the_folder_of_the_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "labs").mkdir()
    (folder / "labs/tempest.conf").write_text("")
    monkeypatch.setenv("HOME", str(folder))
    own = reading(f"{RIGHT}clouds_file: ~/clouds.yaml\ntempest_conf: ./tempest.conf\nallow: []\n", "labs/a.yaml").own
    assert isinstance(own, CloudForm)
    assert own.clouds_file == folder / "clouds.yaml"
    assert own.tempest_conf == folder / "labs/tempest.conf"


@pytest.mark.parametrize("source", ["env: LABPROOF_PASSWORD", "file: secret"])
def test_a_secret_is_found_and_not_shown(folder: Path, source: str) -> None:
    own = reading(f"{RIGHT}password: {{{source}}}\n").own
    assert isinstance(own, CloudForm)
    assert own.password == Secret(source.replace(":", ""), SECRET)
    assert SECRET not in f"{own!r} {own} {own.password!r} {own.password}"


@pytest.mark.parametrize(
    ("more", "line"),
    [
        ("clout: x", 'lab.yaml:5: clout: unknown key; did you mean "cloud"?'),
        (
            "hosts: x",
            "lab.yaml:5: hosts: unknown key; there are: lab, subject, allow, cloud, clouds_file, tempest_conf, password",
        ),
        ("cloud: twice", "lab.yaml:5: cloud: stands twice, first in line 4"),
        ("allow: [process]", "lab.yaml:5: allow: no fault can be done to a cloud yet; leave it empty"),
        ("allow: network", "lab.yaml:5: allow: a list is expected, found a text"),
        ("allow:\n  - proces", 'lab.yaml:6: allow[0]: process, network or node is expected, found "proces"'),
        ("clouds_file: 3", "lab.yaml:5: clouds_file: the path of a file is expected"),
        ("clouds_file: nix.yaml", "lab.yaml:5: clouds_file: {folder}/nix.yaml cannot be read: No such file or directory"),
        ("clouds_file: .", "lab.yaml:5: clouds_file: {folder} is not a file"),
        ("clouds_file: ~nobody-of-that-name/x", "lab.yaml:5: clouds_file: Could not determine home directory."),
        ("clouds_file: binary", "lab.yaml:5: clouds_file: {folder}/binary is not text in UTF-8"),
        ("tempest_conf: nix", "lab.yaml:5: tempest_conf: {folder}/nix cannot be read: No such file or directory"),
        (
            f"password: {SECRET}",
            "lab.yaml:5: password: say where the secret is, {env: NAME} or {file: PATH}; it does not stand in",
        ),
        ("password: {env: [a]}", "lab.yaml:5: password: say where the secret is"),
        ("password: {env: A, file: b}", "lab.yaml:5: password: say where the secret is"),
        ("password: {env: NOT_SET}", "lab.yaml:5: password: NOT_SET is not set in the environment"),
        ("password: {file: empty}", "lab.yaml:5: password: empty is empty"),
        ("password: {file: nix}", "lab.yaml:5: password: {folder}/nix cannot be read: No such file or directory"),
        (f"password: !{SECRET}", "lab.yaml:5: a tag (!) is not read here"),
        (f"password: !x!{SECRET}", "lab.yaml:5: not YAML: found undefined tag handle '…'"),
        (f"password: *{SECRET}", "lab.yaml:5: an alias (*) is not read here"),
        (f"password:{SECRET}", "lab.yaml:6: not YAML: could not find expected ':'"),
    ],
)
def test_what_is_wrong_beside_what_is_right(folder: Path, more: str, line: str) -> None:
    (folder / "empty").write_text("\n")
    (folder / "binary").write_bytes(bytes(range(256)))
    [told] = wrong(f"{RIGHT}{more}\n")
    assert told.startswith(line.replace("{folder}", str(folder)))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "lab.yaml: empty; a lab file (YAML) is expected"),
        ("# nothing\n", "lab.yaml: empty; a lab file (YAML) is expected"),
        ("---\n", 'lab.yaml:2: a mapping is expected, such as "lab: mycloud"'),
        ("- lab\n", 'lab.yaml:1: a mapping is expected, such as "lab: mycloud"'),
        ("lab: a: b\n", "lab.yaml:1: not YAML: mapping values are not allowed here"),
        ("lab: a\n\tsubject: b\n", "lab.yaml:2: not YAML: found character '\\t' that cannot start any token"),
        ("lab: a\n---\nlab: b\n", "lab.yaml:2: not YAML: expected a single document in the stream, but found another document"),
        ("lab: &a x\nsubject: *a\n", "lab.yaml:2: an alias (*) is not read here"),
        ("[a]: b\n", "lab.yaml:1: a key is one word, not a list or a mapping"),
        ("lab: 2026-13-01\n", "lab.yaml:1: looks like a timestamp and is none; write the value in quotes"),
        ("lab: !!bool x\n", "lab.yaml:1: looks like a bool and is none; write the value in quotes"),
        ("lab: !!python/object:os.system x\n", "lab.yaml:1: a tag (!) is not read here"),
        ("[" * 100_000, "lab.yaml: not a lab file: nested too deeply"),
        ("lab: \x07\n", "lab.yaml:1: not YAML: the character U+0007 is none of a text"),
        (b"lab: a\nsubject: \xff\n", "lab.yaml:2: not text in UTF-8; a lab file (YAML) is expected"),
        (b"#" * (LIMIT + 1), "lab.yaml: larger than 1 MB, so not a lab file"),
        ("subject: openstack\ncloud: x\n", "lab.yaml:1: lab: missing: what reports call it"),
        ("lab: a\ncloud: x\nallow: []\n", "lab.yaml:1: subject: missing: what it is a lab of, such as openstack"),
        ("lab: a\nsubject: openstack\n", "lab.yaml:1: cloud: missing: an entry of clouds.yaml"),
        ("lab: a\nsubject: openstack\ncloud: ' '\n", "lab.yaml:3: cloud: it is empty"),
        ("lab: a\nsubject: openstack\ncloud:\n", "lab.yaml:3: cloud: a text is expected, found nothing"),
        ("lab: a\nsubject: openstack\ncloud: 1\n", "lab.yaml:3: cloud: a text is expected, found a number"),
        ("lab: ../a\nsubject: openstack\ncloud: x\n", "lab.yaml:1: lab: a name is 1 to 80 letters, digits and ._@-"),
        (
            "lab: a\nsubject: kafkaesque\nx: 1\n",
            'lab.yaml:2: subject: "kafkaesque" has no lab files; these have: kafka, openstack',
        ),
        ("lab: a\nsubject: [openstack]\n", "lab.yaml:2: subject: a text is expected, found a list"),
    ],
)
def test_a_file_that_is_wrong_as_a_whole(folder: Path, text: str | bytes, line: str) -> None:
    [told] = wrong(text)
    assert told.startswith(line)


def test_everything_wrong_is_told_at_once(folder: Path) -> None:
    assert wrong("lab: a b\nsubject: openstack\nclud: x\nallow: [proces, 3]\nallow: [x]\n") == [
        "lab.yaml:1: lab: a name is 1 to 80 letters, digits and ._@-, and begins with one of the first two",
        'lab.yaml:3: clud: unknown key; did you mean "cloud"?',
        'lab.yaml:4: allow[0]: process, network or node is expected, found "proces"',
        'lab.yaml:4: allow[1]: process, network or node is expected, found "3"',
        "lab.yaml:5: allow: stands twice, first in line 4",
    ]


class Host(Section):
    address: str
    port: int = 22


class Cluster(Form):
    nodes: list[Host]
    bastion: Host | None = None


def test_a_subject_may_have_sections(folder: Path) -> None:
    marked = load(
        "lab: a\nsubject: b\nnodes:\n- address: x\n-\n  adress: y\n  port: many\n- port: 22\n- n3\nbastion: {prt: 1}\n"
    )
    assert marked is not None
    with pytest.raises(ValidationError) as caught:
        Cluster.model_validate(marked.data)
    assert sorted(slip.told("lab.yaml") for slip in slips(caught.value, Cluster, marked)) == [
        "lab.yaml:10: bastion.address: missing",
        'lab.yaml:10: bastion.prt: unknown key; did you mean "port"?',
        'lab.yaml:6: nodes[1].adress: unknown key; did you mean "address"?',
        "lab.yaml:7: nodes[1].port: a whole number is expected, found a text",
        "lab.yaml:8: nodes[2].address: missing",
        "lab.yaml:9: nodes[3]: a mapping is expected, found a text",
    ]


def test_what_is_no_file(folder: Path) -> None:
    os.mkfifo("pipe")
    for path, words in [
        ("nix.yaml", "nix.yaml: the lab file cannot be read: No such file or directory"),
        (".", ".: not a file; give the path of a lab file (YAML)"),
        ("pipe", "pipe: not a file; give the path of a lab file (YAML)"),
        ("a\nb.yaml", r"'a\nb.yaml': the lab file cannot be read: No such file or directory"),
        ("~nobody-of-that-name/x.yaml", "~nobody-of-that-name/x.yaml: the lab file cannot be read: Could not determine home"),
    ]:
        with pytest.raises(UsageError) as caught:
            read(Path(path))
        assert str(caught.value).startswith(words)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_what_may_not_be_read(folder: Path) -> None:
    Path("lab.yaml").write_text(RIGHT)
    Path("lab.yaml").chmod(0)
    with pytest.raises(UsageError, match=r"lab\.yaml: the lab file cannot be read: Permission denied"):
        read(Path("lab.yaml"))
