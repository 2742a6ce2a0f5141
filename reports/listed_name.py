"""The name by which Tempest lists a test, with its attributes: `module.Class.test[id-…,smoke]`."""


def bare(name: str) -> str:
    """Without the attributes."""
    return name.partition("[")[0].strip()


def id_in(name: str) -> str | None:
    """The UUID among the attributes, without "id-"; None where there is none."""
    attributes = name.partition("[")[2].rstrip("]").split(",")
    return next((each.removeprefix("id-") for each in attributes if each.startswith("id-")), None)
