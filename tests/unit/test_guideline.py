"""Reading guidelines of our own form, and refusing what is none."""

import contextlib
import json
import threading
from collections.abc import Iterator
from copy import deepcopy
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from reports import download, source_text
from reports.guideline import Flag, GuidelineError, parse, read

ID = "0b6f0f2e-7c1e-4a57-9d55-3a4f3a8a1f1"
FLAG = {
    "reason": "D901 the route is not put back",
    "action": "Fixed upstream",
    "date": "2026-11-20",
    "versions": ["flanneld 0.28.4"],
}


def own() -> dict[str, Any]:
    """A small guideline of our own: one required test flagged, one not, one advisory capability."""

    def capability(**tests: dict[str, Any]) -> dict[str, Any]:
        about = {"description": "d", "project": "flannel", "required_since": "2026.11", "achievements": [], "admin": False}
        return {**about, "tests": {f"suites.x.{name}": rule for name, rule in tests.items()}}

    return {
        "metadata": {"id": "labproof.2026.11", "schema": "2.0", "source": "here", "software": {"flanneld": "0.28.4"}},
        "platforms": {"flannel": {"description": "host-gw", "components": [{"name": "observe"}, {"name": "recover"}]}},
        "components": {
            "observe": {"capabilities": {"required": ["routes"], "advisory": ["more"]}},
            "recover": {"capabilities": {"required": ["recovery"]}},
        },
        "capabilities": {
            "routes": capability(a={"idempotent_id": f"id-{ID}0", "aliases": ["old.a"]}),
            "more": capability(b={"idempotent_id": f"id-{ID}1"}),
            "recovery": capability(c={"idempotent_id": f"id-{ID}2", "flagged": FLAG}),
        },
    }


def refused(document: object) -> str:
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    with pytest.raises(GuidelineError) as error:
        parse(data, "g.json")
    message = str(error.value)
    assert "\n" not in message
    assert message.startswith("g.json: ")
    return message.removeprefix("g.json: ")


def test_our_own_form() -> None:
    text = json.dumps(own()).encode()
    guideline = parse(text, "g.json")
    assert (guideline.id, guideline.schema, guideline.text) == ("labproof.2026.11", "2.0", text)
    assert guideline.software == {"flanneld": "0.28.4"}
    program = guideline.programs["flannel"]
    assert [(r.test, r.status, r.capability) for r in program.requirements] == [
        ("suites.x.a", "required", "routes"),
        ("suites.x.b", "advisory", "more"),
        ("suites.x.c", "required", "recovery"),
    ]
    first, _, last = program.requirements
    assert (first.id, first.names, first.flag) == (f"{ID}0", ("suites.x.a", "old.a"), None)
    assert last.flag == Flag("D901 the route is not put back", "Fixed upstream", "2026-11-20", ("flanneld 0.28.4",))
    assert {r.required_since for r in program.requirements} == {"2026.11"}


def test_a_program_is_found_by_name_and_short_name() -> None:
    document = own()
    document["platforms"]["OpenStack Powered Compute"] = document["platforms"].pop("flannel")
    document["add-ons"] = {"Shared File System": document["platforms"]["OpenStack Powered Compute"]}
    guideline = parse(json.dumps(document).encode(), "g.json")
    compute = guideline.program("compute")
    assert compute is not None
    assert compute is guideline.program("openstack powered COMPUTE")
    assert (compute.short, [p.short for p in guideline.programs.values()]) == ("compute", ["compute", "shared_file_system"])
    assert guideline.program("object") is None


def test_the_digest_is_of_the_text() -> None:
    text = json.dumps(own()).encode()
    assert parse(text, "a").digest == parse(text, "b").digest != parse(text + b"\n", "a").digest


def legacy(version: str, **capability: Any) -> dict[str, Any]:
    """A small guideline of 1.x with one capability, required of compute."""
    about = {"achievements": [], "admin": False, "description": "d", "project": "p"}
    return {
        "id": "2015.99",
        "schema": version,
        "platform": {"required": ["compute"], "advisory": [], "deprecated": [], "removed": []},
        "components": {"compute": {"required": ["images"], "advisory": [], "deprecated": [], "removed": []}},
        "capabilities": {"images": {**about, **capability}},
    }


def test_1_2_lists_names_and_the_flagged_ones_beside_them() -> None:
    guideline = parse(json.dumps(legacy("1.2", tests=["x.a", "x.b"], flagged=["x.b"])).encode(), "g")
    assert guideline.schema == "1.2"
    assert [program.short for program in guideline.programs.values()] == ["platform", "compute"]
    for program in guideline.programs.values():
        told = [(r.test, r.id, r.status, r.flag and r.flag.reason) for r in program.requirements]
        assert told == [("x.a", None, "required", None), ("x.b", None, "required", "flagged in its capability")]


@pytest.mark.parametrize("version", ["1.3", "1.4", "1.5", "1.6"])
def test_later_1_x_has_a_map_of_tests(version: str) -> None:
    tests = {"x.a": {"idempotent_id": f"id-{ID}0", "aliases": ["y.a"]}, "x.b": {"idempotent_id": f"id-{ID}1", "flagged": FLAG}}
    document = legacy(version, tests=tests, **{"required-since": "2015.05"})
    compute = parse(json.dumps(document).encode(), "g").program("compute")
    assert compute is not None
    first, second = compute.requirements
    assert (first.id, first.names, first.flag, first.required_since) == (f"{ID}0", ("x.a", "y.a"), None, "2015.05")
    assert second.flag is not None
    assert (second.flag.action, second.flag.date) == ("Fixed upstream", "2026-11-20")


@pytest.mark.parametrize("version", ["1.2", "1.3", "1.4", "1.5", "1.6"])
@pytest.mark.parametrize("status", ["required", "advisory", "deprecated", "removed"])
def test_a_status_that_is_left_out_or_misspelt_would_ask_for_less(version: str, status: str) -> None:
    document = legacy(version, tests=["x.a"] if version == "1.2" else {"x.a": {"idempotent_id": f"id-{ID}0"}})
    held = document["components"]["compute"]
    held[f"{status}s"] = held.pop(status)
    assert f"components.compute.{status}: missing" in refused(document)


@pytest.mark.parametrize(
    ("version", "capability", "told"),
    [
        ("1.2", {"tests": {"x.a": {}}}, "capabilities.images.tests: a list of the names of tests is expected"),
        ("1.2", {"tests": ["x.a", 3]}, "capabilities.images.tests: a list of the names"),
        ("1.2", {"tests": ["x.a"], "flagged": {"x.a": FLAG}}, "capabilities.images.flagged: a list of the names"),
        ("1.5", {"tests": ["x.a"]}, "capabilities.images.tests: Input should be a valid dictionary"),
        ("1.6", {}, "capabilities.images.tests: Input should be"),
    ],
)
def test_tests_in_the_form_of_another_version_are_refused(version: str, capability: dict[str, Any], told: str) -> None:
    assert told in refused(legacy(version, **capability))


@pytest.mark.parametrize("key", ["flag", "flagged"])
def test_a_flag_by_the_key_of_the_schema_and_of_the_files(key: str) -> None:
    document = own()
    document["capabilities"]["routes"]["tests"]["suites.x.a"][key] = FLAG
    flag = parse(json.dumps(document).encode(), "g").programs["flannel"].requirements[0].flag
    assert flag is not None
    assert flag.date == "2026-11-20"


def test_on_conflict_the_stronger_status_counts() -> None:
    document = own()
    document["components"]["recover"]["capabilities"]["removed"] = ["routes"]
    document["components"]["recover"]["capabilities"]["advisory"] = ["more"]
    document["components"]["observe"]["capabilities"]["deprecated"] = ["recovery"]
    program = parse(json.dumps(document).encode(), "g").programs["flannel"]
    assert {r.capability: r.status for r in program.requirements} == {
        "routes": "required",
        "more": "advisory",
        "recovery": "required",
    }


def test_a_byte_order_mark_is_no_matter() -> None:
    assert parse(b"\xef\xbb\xbf" + json.dumps(own()).encode(), "g").id == "labproof.2026.11"


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "empty; a guideline (JSON) is expected"),
        (b" \n\t ", "empty; a guideline (JSON) is expected"),
        (b'{"metadata": }', "line 1 column 14: not JSON: Expecting value"),
        (b'{"a": 1,\n "b": [1, 2', "line 2 column 12: not JSON: Expecting ',' delimiter"),
        (b"<!DOCTYPE html><html>", "an HTML or XML page and not JSON"),
        (b"\n  <html>", "an HTML or XML page and not JSON"),
        (b"\x7fELF\x02\x01\x01\x00\x00\xff", "not text in UTF-8 (byte 9)"),
        (b"\x7fELF\x02\x01\x01\x00\x00", "binary data"),
        (b"\x1f\x8b\x08\x00", "not text in UTF-8"),
        (b"[" * 200_000, "nested too deeply"),
        (b'{"a":' * 200_000 + b"1" + b"}" * 200_000, "nested too deeply"),
        (b'{"a": 1, "a": 2}', 'the key "a" stands twice'),
        (b'{"a": NaN}', "NaN is no number of JSON"),
        (b"9" * 10_000, "not JSON: "),
        (b"[1]", "a JSON object is expected, found an array"),
        (b"null", "a JSON object is expected, found null"),
        (b'"x"', "a JSON object is expected, found a string"),
        (b"{}", 'no "metadata.schema" (2.0) and no "schema" (1.x)'),
        (b'{"metadata": {"schema": "3.1"}}', "schema '3.1' is not known; these are: 1.2"),
        (b'{"schema": ["2.0"]}', "schema: a string is expected"),
        (b'{"schema": "2.0"}', "schema 2.0 stands in the wrong place"),
        (b'{"metadata": {"schema": "1.5"}}', "schema 1.5 stands in the wrong place"),
        (b'{"metadata": {"schema": "2.0"}}', "metadata.id: Field required (and 2 more)"),
        (b'{"schema": "1.5", "id": "x"}', "components: an object is expected"),
        (b'{"schema": "1.5", "id": "x", "components": {}, "platform": {}}', "platform.required: a list"),
    ],
    ids=lambda value: str(value)[:24] if isinstance(value, bytes) else "",
)
def test_what_is_no_guideline_is_refused_in_one_line(data: bytes, told: str) -> None:
    assert told in refused(data)


def change(path: str, value: object) -> dict[str, Any]:
    document = deepcopy(own())
    *way, last = path.split("/")
    place = document
    for step in way:
        place = place[step]
    place[last] = value
    return document


A = "capabilities/routes/tests/suites.x.a"


@pytest.mark.parametrize(
    ("document", "told"),
    [
        (change("platforms", {}), "no program"),
        (change("platforms/flannel/components", [{"name": "gone"}]), "names the component gone, which is not in the file"),
        (change("components/observe/capabilities/required", ["gone"]), "required capability gone, which is not under"),
        (change("components/observe/capabilities/mandatory", []), "components.observe.capabilities.mandatory"),
        (change("capabilities/routes/tests", ["a"]), "capabilities.routes.tests: Input should be"),
        (change("metadata/schema", 2.0), 'schema: a string is expected, such as "2.0", found a number'),
        (change("software", {}), "software: unknown key here; it is one of metadata"),
        (change(f"{A}/flaged", FLAG), 'unknown key; did you mean "flagged"?'),
        (change("capabilities/routes/acheivements", []), 'unknown key; did you mean "achievements"?'),
        (change("components/spare", {"capabilities": {}}), "components.spare: stands in no program"),
        (change("components/observe/capabilities/required", []), "capabilities.routes: stands in no component"),
        (change("components/observe/capabilities/advisory", ["routes", "more"]), "components.observe: routes is named 2 times"),
        (change("capabilities/routes/description", ""), "description, project and required_since are expected"),
        (change("capabilities/routes/tests", {}), "at least one test is expected"),
        (change(f"{A}/idempotent_id", ID), '"id-" and a UUID are expected'),
        (change(f"{A}/idempotent_id", f"id-{ID}1"), "is also that of suites.x."),
        (change(f"{A}/flagged", {**FLAG, "reason": "it fails"}), 'the form is "D123 what fails"'),
        (change(f"{A}/flagged", {**FLAG, "action": ""}), "flagged.action"),
        (change(f"{A}/flagged", {**FLAG, "date": "soon"}), "YYYY-MM-DD is expected, found 'soon'"),
    ],
    ids=range(19),
)
def test_slips_in_our_own_are_refused(document: dict[str, Any], told: str) -> None:
    assert told in refused(document)


def test_unknown_keys_of_other_people_are_ignored() -> None:
    document = change("capabilities/routes/acheivements", [])
    document["metadata"]["id"] = "2020.06"
    assert parse(json.dumps(document).encode(), "g").id == "2020.06"


def test_files_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_text, "LIMIT", 1024 * 1024)
    (tmp_path / "large.json").write_bytes(b" " * (1024 * 1024 + 1))
    told = {
        str(tmp_path): "not a file",
        "/dev/zero": "not a file",
        str(tmp_path / "none.json"): "No such file or directory",
        str(tmp_path / "large.json"): "larger than 1 MB",
        "": "'': not a file",
        "a\0b": "'a\\x00b': cannot be read",
        "ftp://host/g.json": "ftp addresses are not read",
    }
    for source, what in told.items():
        with pytest.raises(GuidelineError) as error:
            read(source)
        assert what in str(error.value)


class Pages(BaseHTTPRequestHandler):
    """Answers by path: a guideline, a page, an error, more than the limit."""

    def do_GET(self) -> None:
        bodies = {"/g.json": json.dumps(own()).encode(), "/page": b"<!doctype html><p>Sign in</p>", "/large": b" " * 2048}
        body = bodies.get(self.path)
        self.send_response(200 if body is not None else 404)
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Pages) as web:
        threading.Thread(target=web.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield f"http://127.0.0.1:{web.server_port}"
        web.shutdown()


def test_addresses(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    assert read(f"{server}/g.json").source == f"{server}/g.json"
    for path, what in {"/page": "an HTML or XML page and not JSON", "/none": "the server answered 404 Not Found"}.items():
        with pytest.raises(GuidelineError, match=what):
            read(server + path)
    monkeypatch.setattr(source_text, "LIMIT", 1024)
    with pytest.raises(GuidelineError, match="larger than"):
        read(f"{server}/large")


def test_an_unreachable_address_is_one_line_without_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    with pytest.raises(GuidelineError) as error:
        read("http://user:hidden@127.0.0.1:9/g.json")
    assert "Connection refused" in str(error.value)
    assert "hidden" not in str(error.value)
    assert "\n" not in str(error.value)
    with pytest.raises(GuidelineError, match="No host supplied"):
        read("https://")


def test_a_server_that_falls_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setattr(download, "SILENCE", 0.05)

    class Silent(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            done.wait(5)

        def log_message(self, *_: object) -> None:
            pass

    done = threading.Event()
    with HTTPServer(("127.0.0.1", 0), Silent) as web:
        threading.Thread(target=web.handle_request, daemon=True).start()
        with pytest.raises(GuidelineError, match="no answer within"):
            read(f"http://127.0.0.1:{web.server_port}/g.json")
        done.set()


def test_a_server_that_drips(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setattr(download, "WHOLE", 0.05)

    class Dripping(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            with contextlib.suppress(OSError):
                while not done.wait(0.01):
                    self.wfile.write(b" ")

        def log_message(self, *_: object) -> None:
            pass

    done = threading.Event()
    with HTTPServer(("127.0.0.1", 0), Dripping) as web:
        threading.Thread(target=web.handle_request, daemon=True).start()
        with pytest.raises(GuidelineError, match=r"not received within 0 s \(\d+ bytes came\)"):
            read(f"http://127.0.0.1:{web.server_port}/g.json")
        done.set()
