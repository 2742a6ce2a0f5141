"""Settings that all brokers go by from now on; kafka-python's administrator knows those of one broker alone.

IncrementalAlterConfigs v0 (https://kafka.apache.org/protocol, KIP-339), for the broker without a name (KIP-226).
"""

import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from labs.errors import LabError
from labs.kafka.configs import broker_settings
from labs.kafka.lab import KafkaLab
from labs.kafka.wire import INT, SHORT, Reader, exchange, request, string
from labs.timeline import note

ALTER, VERSION = 44, 0
BROKER, SET, DELETE = 4, 0, 1
DYNAMIC_DEFAULT = "DYNAMIC_DEFAULT_BROKER_CONFIG"
WITHIN = 10.0


@contextmanager
def everywhere(kafka: KafkaLab, settings: Mapping[str, str]) -> Iterator[None]:
    """All brokers have these settings; at the end what they had."""
    before = _dynamic(kafka, settings)
    alter(kafka, settings)
    try:
        yield
    finally:
        alter(kafka, before)


def _dynamic(kafka: KafkaLab, names: Mapping[str, str]) -> dict[str, str | None]:
    """What was set so before; None: what the settings file says is in force."""
    asked = min(kafka.brokers)
    with kafka.within.admin() as admin:
        found = broker_settings(admin, [asked])[asked]
    return {name: found[name].value if found[name].source == DYNAMIC_DEFAULT else None for name in names}


def alter(kafka: KafkaLab, settings: Mapping[str, str | None]) -> None:
    """None takes a setting away. LabError: the brokers refuse."""
    note(f"every broker: dynamic settings {dict(settings)}")
    changes = b"".join(
        string(name)
        + (struct.pack(">b", SET) + string(value) if value is not None else struct.pack(">b", DELETE) + SHORT.pack(-1))
        for name, value in settings.items()
    )
    resource = struct.pack(">b", BROKER) + string("") + INT.pack(len(settings)) + changes
    message = request(ALTER, VERSION, INT.pack(1) + resource + b"\0")
    with kafka.within.way.dial(*kafka.within.doors[min(kafka.brokers)], WITHIN) as sock:
        reader = Reader(exchange(sock, message, WITHIN))
    reader.int32()  # throttle time
    for error, told in reader.array(lambda: (reader.int16(), reader.nullable(), reader.int8(), reader.string())[:2]):
        if error:
            raise LabError(f"brokers refuse {dict(settings)}: error {error}, {told}")
