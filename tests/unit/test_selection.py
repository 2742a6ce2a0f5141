"""What is judged: on which lab and which variants of it, and what is no choice at all."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from labs.errors import UsageError
from labs.kept import Kept
from proof import given, selection
from proof.collection import subject_of
from proof.options import Options
from proof.plan import lab_keys
from proof.selection import Selection, select

TEST = "suites.flannel.test_toy.test_a"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A checkout with programs for two labs that one suite judges."""
    write(tmp_path, {"flannel": {}, "flannel-readonly": {}, "flannel-vxlan": {}, "flannel-vxlan-readonly": {}, "of-my-own": {}})
    return tmp_path


def write(root: Path, programs: dict[str, dict[str, Any]], *tests: str) -> None:
    lists: dict[str, list[str]] = {"required": ["toys"], "advisory": [], "deprecated": [], "removed": []}
    toys = {
        "description": "d",
        "project": "p",
        "required_since": "2026.11",
        "tests": {
            test: {"idempotent_id": f"id-0b6f0f2e-7c1e-4a57-9d55-3a4f3a8a1f1{number}"}
            for number, test in enumerate(tests or [TEST])
        },
    }
    guideline = {
        "metadata": {"id": "labproof.2026.11", "schema": "2.0"},
        "platforms": {name: {"components": [{"name": "parts"}], **more} for name, more in programs.items()},
        "components": {"parts": {"capabilities": lists}},
        "capabilities": {"toys": toys},
    }
    folder = root / "guidelines"
    folder.mkdir(exist_ok=True)
    (folder / "labproof.2026.11.json").write_text(json.dumps(guideline))


def options(*programs: str, labs: tuple[str, ...] = (), nodes: int | None = None) -> Options:
    return Options(
        programs=programs,
        guidelines=(),
        labs=labs,
        nodes=nodes,
        full=False,
        defaults=False,
        cpid=None,
        results=Path("results"),
        listing=False,
        as_json=False,
        resume=False,
        rerun=False,
        proof=False,
        plan_to=None,
    )


def chosen(of: Selection) -> list[tuple[str, str, str]]:
    """Program, variant, lab."""
    return [(judged.program, judged.variant, judged.lab) for judged in of.judged]


def test_every_program_is_judged_by_default_but_those_without_faults(root: Path) -> None:
    found = select(options(), root)
    assert chosen(found) == [
        ("flannel", "default", "flannel"), ("flannel-vxlan", "default", "flannel-vxlan"), ("of-my-own", "default", "flannel"),
    ]  # fmt: skip
    assert {judged.suite for judged in found.judged} == {"flannel"} == {subject_of(TEST)}


def test_a_programs_lab_is_the_one_of_its_name_else_that_of_its_suite(root: Path) -> None:
    found = select(options("flannel-vxlan-readonly", "flannel-readonly", "of-my-own"), root)
    assert [judged.lab for judged in found.judged] == ["flannel-vxlan", "flannel", "flannel"]
    assert lab_keys(found.judged) == {"flannel": ["flannel-vxlan", "flannel"]}


def test_in_whatever_case_the_name_is_written(root: Path) -> None:
    write(root, {"Flannel-VXLAN": {}, "Flannel-VXLAN-ReadOnly": {}})
    found = select(options("flannel-vxlan", "flannel-vxlan-readonly"), root)
    assert [judged.lab for judged in found.judged] == ["flannel-vxlan", "flannel-vxlan"]
    assert [judged.program for judged in select(options(), root).judged] == ["Flannel-VXLAN"]


def test_the_lab_that_a_program_names_goes_before_its_own_name(root: Path) -> None:
    write(root, {"flannel": {"lab": "flannel-vxlan"}, "tunnelled": {"lab": "flannel-vxlan", "variants": ["nft"]}})
    assert chosen(select(options(), root)) == [("flannel", "default", "flannel-vxlan"), ("tunnelled", "nft", "flannel-vxlan")]


def test_a_lab_that_a_program_names_and_that_is_none_is_one_line(root: Path) -> None:
    write(root, {"flannel": {"lab": "flannel-vxlam"}})
    with pytest.raises(UsageError, match=r'11\.json: program "flannel": no lab is called "flannel-vxlam"; there are: '):
        select(options(), root)


def test_a_program_is_judged_on_each_variant_that_the_guideline_names(root: Path) -> None:
    write(root, {"flannel": {"variants": ["nft", "legacy"]}, "flannel-vxlan": {}})
    assert chosen(select(options(), root)) == [
        ("flannel", "nft", "flannel"), ("flannel", "legacy", "flannel"), ("flannel-vxlan", "default", "flannel-vxlan"),
    ]  # fmt: skip
    assert chosen(select(options("flannel"), root)) == [("flannel", "nft", "flannel"), ("flannel", "legacy", "flannel")]


@pytest.mark.parametrize("variant", ["legacy", "default"])
def test_on_the_one_that_is_asked_for_all_the_same(root: Path, variant: str) -> None:
    write(root, {"flannel": {"variants": ["nft", "legacy"]}})
    assert chosen(select(options(f"flannel@{variant}"), root)) == [("flannel", variant, "flannel")]


def test_the_same_variant_twice_is_judged_once(root: Path) -> None:
    write(root, {"flannel": {"variants": ["nft", "legacy"]}})
    assert [variant for _, variant, _ in chosen(select(options("flannel@nft", "flannel"), root))] == ["nft", "legacy"]


def test_where_nobody_names_a_variant_it_is_the_labs_first(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selection.subject("flannel"), "variants", ("nft", "legacy"))
    assert chosen(select(options("flannel"), root)) == [("flannel", "nft", "flannel")]


def test_a_variant_that_the_lab_does_not_have_is_one_line_that_names_where_it_stands(root: Path) -> None:
    with pytest.raises(UsageError, match=r'^program "flannel" has no variant "nfT"; there are: default, legacy, nft$'):
        select(options("flannel@nfT"), root)
    write(root, {"flannel": {"variants": ["nft", "leagcy"]}})
    with pytest.raises(UsageError, match=r'labproof\.2026\.11\.json: program "flannel" has no variant "leagcy"; there are: '):
        select(options(), root)
    assert chosen(select(options("flannel@nft"), root)) == [("flannel", "nft", "flannel")]


def test_a_suite_without_a_lab_is_one_line(root: Path) -> None:
    write(root, {"flanel": {}}, "suites.flanel.test_toy.test_a")
    with pytest.raises(UsageError, match=r'no lab is called "flanel"; there are: .*flannel'):
        select(options(), root)
    write(root, {"mixed": {}}, "suites.flannel.test_toy.test_a", "tempest.api.test_a")
    with pytest.raises(UsageError, match=r'program "mixed" of .*: this harness has no lab for its tests'):
        select(options(), root)


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kept lab of the variant nft, or of legacy where its name says so, of the subject that its name begins with."""

    def described(name: str) -> Kept:
        variant = "legacy" if "legacy" in name else "nft"
        return Kept(name, name.removesuffix("-of-mine").removesuffix("-legacy").removesuffix("-too"), variant, 5)

    monkeypatch.setattr(given, "describe", described)


@pytest.mark.usefixtures("kept")
def test_a_kept_lab_serves_the_programs_of_its_own_subject_alone(root: Path) -> None:
    assert chosen(select(options(labs=("flannel-of-mine",)), root)) == [
        ("flannel", "nft", "flannel"), ("of-my-own", "nft", "flannel"),
    ]  # fmt: skip
    assert chosen(select(options(labs=("flannel-vxlan-of-mine",)), root)) == [("flannel-vxlan", "nft", "flannel-vxlan")]


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize(("lab", "program"), [("flannel", "flannel-vxlan"), ("flannel-vxlan", "flannel")])
def test_a_kept_lab_is_not_taken_for_another_that_the_suite_judges(root: Path, lab: str, program: str) -> None:
    with pytest.raises(UsageError, match=f'^program "{program}" is not served by the given labs: {lab}-of-mine$'):
        select(options(program, labs=(f"{lab}-of-mine",)), root)


@pytest.mark.usefixtures("kept")
def test_a_kept_lab_of_each_subject_serves_both(root: Path) -> None:
    found = select(options("flannel", "flannel-vxlan", labs=("flannel", "flannel-vxlan")), root)
    assert chosen(found) == [("flannel", "nft", "flannel"), ("flannel-vxlan", "nft", "flannel-vxlan")]


@pytest.mark.usefixtures("kept")
def test_a_kept_lab_is_judged_as_it_is_whatever_the_guideline_names(root: Path) -> None:
    write(root, {"flannel": {"variants": ["legacy", "default"]}})
    assert chosen(select(options(labs=("flannel",)), root)) == [("flannel", "nft", "flannel")]
    with pytest.raises(UsageError, match=r"^flannel@legacy: lab flannel was brought up as flannel@nft$"):
        select(options("flannel@legacy", labs=("flannel",)), root)


ONLY = {"flannel": {}, "flannel-legacy": {"lab": "flannel", "applies_to": ["legacy"], "on_request": True}}


def test_what_is_run_on_request_is_listed_and_not_run_by_default(root: Path) -> None:
    write(root, ONLY | {"flannel-legacy-readonly": ONLY["flannel-legacy"]})
    found = select(options(), root)
    assert chosen(found) == [("flannel", "default", "flannel")]
    assert [(each.program, each.variant) for each in found.on_request] == [("flannel-legacy", "legacy")]
    found = select(options("flannel-legacy"), root)
    assert (chosen(found), found.on_request) == ([("flannel-legacy", "legacy", "flannel")], ())


def test_a_program_is_judged_on_no_variant_but_those_that_it_applies_to(root: Path) -> None:
    write(root, ONLY)
    assert chosen(select(options("flannel-legacy@legacy"), root)) == [("flannel-legacy", "legacy", "flannel")]
    for variant in ("default", "nft", "vxlan"):
        with pytest.raises(UsageError, match=f'^program "flannel-legacy" has no variant "{variant}"; there are: legacy$'):
            select(options(f"flannel-legacy@{variant}"), root)


def test_of_those_that_it_applies_to_the_labs_first_is_judged_or_what_the_program_names(root: Path) -> None:
    program: dict[str, Any] = {"applies_to": ["nft", "legacy"]}
    write(root, {"flannel": program})
    assert chosen(select(options("flannel"), root)) == [("flannel", "legacy", "flannel")]
    write(root, {"flannel": program | {"variants": ["nft"]}})
    assert chosen(select(options("flannel"), root)) == [("flannel", "nft", "flannel")]
    write(root, {"flannel": program | {"variants": ["default"]}})
    with pytest.raises(UsageError, match=r'11\.json: program "flannel" has no variant "default"; there are: legacy, nft$'):
        select(options("flannel"), root)


def test_it_applies_to_no_variant_that_the_lab_does_not_have(root: Path) -> None:
    write(root, {"flannel": {"applies_to": ["nft", "leagcy"]}})
    words = r'11\.json: program "flannel" applies to "leagcy", which is no variant of flannel; there are: default, legacy, nft$'
    with pytest.raises(UsageError, match=words):
        select(options(), root)


@pytest.mark.usefixtures("kept")
def test_a_kept_lab_serves_what_applies_to_it_also_what_is_run_on_request(root: Path) -> None:
    write(root, ONLY)
    assert chosen(select(options(labs=("flannel",)), root)) == [("flannel", "nft", "flannel")]
    assert chosen(select(options(labs=("flannel-legacy-of-mine",)), root)) == [
        ("flannel", "legacy", "flannel"), ("flannel-legacy", "legacy", "flannel"),
    ]  # fmt: skip
    with pytest.raises(UsageError, match=r"^flannel-legacy@legacy: lab flannel was brought up as flannel@nft$"):
        select(options("flannel-legacy", labs=("flannel",)), root)
    write(root, {"flannel-legacy": ONLY["flannel-legacy"]})
    with pytest.raises(UsageError, match=r"^no program of the guideline is served by the given labs: flannel$"):
        select(options(labs=("flannel",)), root)


def test_an_existing_lab_of_a_subject_that_is_embedded_too_is_what_it_is(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(selection.EXISTING, "flannel", "nowhere")
    monkeypatch.setattr(given, "_existing", lambda path: given.Given("mine", "flannel", "default", 0, path, True))
    write(root, ONLY | {"flannel-readonly": {}, "flannel-legacy-readonly": ONLY["flannel-legacy"]})
    assert chosen(select(options(labs=("./mine.yaml",)), root)) == [("flannel-readonly", "default", "flannel")]
    assert chosen(select(options("flannel@legacy"), root)) == [("flannel", "legacy", "flannel")]


KAFKA = {
    "kafka": {"lab": "kafka", "variants": ["4"]},
    "kafka-readonly": {"lab": "kafka", "variants": ["4"]},
    "kafka-kraft": {"lab": "kafka", "applies_to": ["4", "4-separate", "3.9"]},
    "kafka-kraft-readonly": {"lab": "kafka", "applies_to": ["4", "4-separate", "3.9"]},
    "kafka-zookeeper-readonly": {"lab": "kafka", "applies_to": ["2.4", "2.4-single"]},
    "kafka-new-readonly": {"lab": "kafka", "applies_to": ["4", "4-separate"]},
}
OF_KAFKA = "suites.kafka.test_toy.test_a"


@pytest.fixture
def cluster(root: Path) -> Path:
    """A checkout whose guideline has programs of Kafka, and the lab file of a cluster."""
    write(root, KAFKA, OF_KAFKA)
    file = root / "cluster.yaml"
    file.write_text("lab: mine\nsubject: kafka\nbootstrap: ['b1:9093']\n")
    return file


def test_on_an_existing_cluster_what_needs_no_fault_is_judged_by_default(root: Path, cluster: Path) -> None:
    found = select(options(labs=(str(cluster),)), root)
    assert chosen(found) == [("kafka-readonly", "default", "kafka"), ("kafka-kraft-readonly", "default", "kafka")]
    lab = found.given["kafka", "default"]
    assert (lab.name, lab.kind, lab.file, lab.untouchable) == ("mine", "existing", str(cluster), True)
    assert chosen(select(options("kafka-readonly", labs=(str(cluster),)), root)) == [("kafka-readonly", "default", "kafka")]


def test_what_applies_to_some_variants_is_judged_on_an_existing_lab_that_is_one_of_them(root: Path, cluster: Path) -> None:
    cluster.write_text(f"{cluster.read_text()}mode: zookeeper\n")
    assert chosen(select(options(labs=(str(cluster),)), root)) == [("kafka-readonly", "default", "kafka")]
    for program, variant in (("kafka-kraft-readonly", "4"), ("kafka-zookeeper-readonly", "2.4"), ("kafka-readonly", "2.4")):
        asked = program if program != "kafka-readonly" else f"{program}@{variant}"
        with pytest.raises(UsageError) as caught:
            select(options(asked, labs=(str(cluster),)), root)
        assert str(caught.value) == f"{program}@{variant}: lab mine is no kafka@{variant} (see {cluster})"


@pytest.mark.parametrize("program", ["kafka", "kafka-kraft"])
def test_what_does_faults_is_not_judged_on_a_lab_that_allows_none(root: Path, cluster: Path, program: str) -> None:
    with pytest.raises(UsageError) as caught:
        select(options("kafka-readonly", program, labs=(str(cluster),)), root)
    why = f"its tests do faults to what they run on, and {cluster} allows none"
    assert str(caught.value) == f'program "{program}": {why}; without --program, what needs none is judged'


def test_two_clusters_are_one_line(root: Path, cluster: Path) -> None:
    other = cluster.with_name("other.yaml")
    other.write_text(cluster.read_text().replace("mine", "other"))
    with pytest.raises(UsageError, match=r"^--lab .*other\.yaml: mine is kafka@default too; give one lab of each kind$"):
        select(options(labs=(str(cluster), str(other))), root)


def test_a_proof_breaks_no_cluster_of_the_users(root: Path, cluster: Path) -> None:
    with pytest.raises(UsageError, match=r"--lab mine: a proof breaks .*cluster\.yaml allows nothing of that"):
        select(replace(options(labs=(str(cluster),)), proof=True), root)


def test_two_guidelines_that_judge_a_program_on_two_labs_are_two_runs(root: Path, tmp_path: Path) -> None:
    """Outcomes are told apart by program and variant."""
    old = json.loads((root / "guidelines/labproof.2026.11.json").read_text())
    old["metadata"]["id"] = "labproof.2025.11"
    old["platforms"] = {"flannel": old["platforms"]["flannel"]}
    (tmp_path / "old.json").write_text(json.dumps(old))
    (tmp_path / "new.json").write_text(json.dumps(old))
    given = replace(options(), guidelines=(str(tmp_path / "old.json"), str(tmp_path / "new.json")))
    assert [judged.guideline for judged in select(given, root).judged] == list(given.guidelines)
    old["platforms"]["flannel"]["lab"] = "flannel-vxlan"
    (tmp_path / "old.json").write_text(json.dumps(old))
    with pytest.raises(UsageError, match=r'old\.json: program "flannel" is judged on flannel-vxlan, by .*new\.json on flannel'):
        select(given, root)


@pytest.mark.usefixtures("kept")
def test_a_kept_lab_that_is_given_twice_is_one(root: Path) -> None:
    found = select(options("flannel", labs=("flannel", "flannel")), root)
    assert chosen(found) == [("flannel", "nft", "flannel")]
    assert [lab.name for lab in found.given.values()] == ["flannel"]


@pytest.mark.usefixtures("kept")
def test_a_program_is_judged_on_each_variant_of_the_kept_labs(root: Path) -> None:
    labs = ("flannel", "flannel-legacy")
    for asked in (("flannel",), ("flannel@nft", "flannel@legacy")):
        assert chosen(select(options(*asked, labs=labs), root)) == [
            ("flannel", "nft", "flannel"), ("flannel", "legacy", "flannel"),
        ]  # fmt: skip
    assert chosen(select(options("flannel@legacy", labs=labs), root)) == [("flannel", "legacy", "flannel")]
    words = r"^flannel@default: lab flannel was brought up as flannel@nft, lab flannel-legacy was brought up as flannel@legacy$"
    with pytest.raises(UsageError, match=words):
        select(options("flannel@default", labs=labs), root)


@pytest.mark.usefixtures("kept")
def test_two_kept_labs_that_are_the_same_are_one_line(root: Path) -> None:
    with pytest.raises(UsageError, match=r"^--lab flannel-too: flannel is flannel@nft too; give one lab of each kind$"):
        select(options(labs=("flannel", "flannel-too")), root)


FOREIGN = "tempest.api.identity.v3.test_tokens.TokensV3Test.test_create_token"


@pytest.fixture
def cloud(root: Path) -> Path:
    """A checkout whose guideline has Tempest's tests, and a lab file of a cloud."""
    write(root, {"identity": {}, "identity-readonly": {}, "compute": {}}, FOREIGN)
    file = root / "cloud.yaml"
    file.write_text("lab: mine\nsubject: openstack\ncloud: mycloud\n")
    return file


def test_the_tests_of_another_project_run_on_a_cloud_whatever_the_program_is_called(root: Path, cloud: Path) -> None:
    found = select(options(), root)
    assert chosen(found) == [("identity", "default", "identity"), ("compute", "default", "identity")]
    assert {judged.suite for judged in found.judged} == {selection.FOREIGN}


def test_on_an_existing_cloud_what_needs_no_fault_is_judged_by_default(root: Path, cloud: Path) -> None:
    found = select(options(labs=(str(cloud),)), root)
    assert chosen(found) == [("identity-readonly", "default", "openstack")]
    lab = found.given["openstack", "default"]
    assert (lab.name, lab.kind, lab.file, lab.untouchable) == ("mine", "existing", str(cloud), True)
    assert chosen(select(options("identity", labs=(str(cloud),)), root)) == [("identity", "default", "openstack")]


def test_what_it_allows_to_be_broken_is_judged_whole(root: Path, cloud: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(given, "_existing", lambda path: given.Given("mine", "openstack", "default", 0, path))
    assert chosen(select(options(labs=(str(cloud),)), root)) == [
        ("identity", "default", "openstack"), ("compute", "default", "openstack"),
    ]  # fmt: skip


def test_a_lab_file_that_is_wrong_is_told_with_its_line(root: Path, cloud: Path) -> None:
    cloud.write_text("lab: mine\nsubject: openstack\ncluod: mycloud\n")
    with pytest.raises(UsageError, match=r"cloud\.yaml:3: cluod: "):
        select(options(labs=(str(cloud),)), root)


def test_only_one_cloud_is_judged_in_a_run(root: Path) -> None:
    write(root, {"identity": {}, "compute": {"lab": "refstack"}}, FOREIGN)
    with pytest.raises(UsageError, match="identity@default and refstack@default: Tempest knows one cloud a run"):
        select(options(), root)


def guideline(root: Path, name: str, *programs: str) -> str:
    """An official one, beside ours."""
    tests = {FOREIGN: {"idempotent_id": "id-6f8e4436-fc96-4282-8122-e41df57197a9"}}
    document = {
        "metadata": {"id": name, "schema": "2.0"},
        "platforms": {program: {"components": [{"name": "all"}]} for program in programs},
        "components": {"all": {"capabilities": {"required": ["tokens"]}}},
        "capabilities": {"tokens": {"tests": tests}},
    }
    path = root / f"{name}.json"
    path.write_text(json.dumps(document))
    return str(path)


def test_an_official_guideline_and_ours_judge_in_one_run(root: Path) -> None:
    official = guideline(root, "2020.06", "OpenStack Powered Compute", "OpenStack Powered Storage")
    found = select(replace(options("compute", "flannel"), guidelines=(official,)), root)
    assert [(judged.program, judged.guideline, judged.lab) for judged in found.judged] == [
        ("OpenStack Powered Compute", official, "identity"),
        ("flannel", str(root / "guidelines/labproof.2026.11.json"), "flannel"),
    ]


def test_each_guideline_that_has_the_program_judges_it(root: Path) -> None:
    both = tuple(guideline(root, name, "OpenStack Powered Compute") for name in ("2019.11", "2020.06"))
    found = select(replace(options("compute"), guidelines=both), root)
    assert [judged.guideline for judged in found.judged] == list(both)


def test_a_guideline_that_would_judge_nothing_is_one_line(root: Path) -> None:
    official = guideline(root, "2020.06", "OpenStack Powered Compute")
    with pytest.raises(UsageError, match=r"2020\.06\.json: has none of the programs asked for; it has: OpenStack Powered C"):
        select(replace(options("flannel"), guidelines=(official,)), root)


def test_a_proof_breaks_no_cloud_of_the_users(root: Path, cloud: Path) -> None:
    with pytest.raises(UsageError, match=r"--lab mine: a proof breaks .*cloud\.yaml allows nothing of that"):
        select(replace(options(labs=(str(cloud),)), proof=True), root)


def test_a_kept_cloud_beside_an_existing_one_is_refused(root: Path, cloud: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(given, "describe", lambda name: Kept(name, "identity", "default", 1))
    with pytest.raises(UsageError, match="--lab mine: identity is a cloud too"):
        select(options(labs=("identity", str(cloud))), root)


def test_the_products_own_times_are_asked_for_where_a_lab_has_others(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = replace(options("flannel", "flannel-vxlan"), defaults=True)
    words = r"^--defaults: the products' own time-outs are what these labs have anyway: flannel, flannel-vxlan; leave it out$"
    with pytest.raises(UsageError, match=words):
        select(asked, root)
    monkeypatch.setattr(selection.subject("flannel-vxlan"), "tunable", True, raising=False)
    assert select(asked, root).defaults
    assert not select(replace(asked, defaults=False), root).defaults


def test_a_lab_that_is_given_has_the_times_that_it_has(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(given, "describe", lambda name: Kept(name, "flannel", "nft", 3, defaults=True))
    with pytest.raises(UsageError, match=r"^--defaults: a lab that is given has the time-outs that it has; leave it out$"):
        select(replace(options(labs=("mine",)), defaults=True), root)
    assert [lab.defaults for lab in select(options(labs=("mine",)), root).given.values()] == [True]
