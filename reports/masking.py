"""Secrets in texts, masked before the texts are shown or attached."""

import json
import re
from functools import cache
from typing import Any

MASK = "******"
_LONG = r"password|passwd|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key"
# Short words count only where a word begins ("auth_pass", "adminPass", not "compass").
_SHORT = r"(?<![A-Za-z])(?:pass|pwd|psk|credential)|(?-i:(?<=[a-z])(?:Pass|Pwd))"
_NAME = rf"[\w.-]{{0,60}}?(?:{_LONG}|{_SHORT})(?:[_-](?:id|key|hash|data))?"
# Quoted; quoted inside a JSON string (\"…\"); bare.
_VALUE = r"""(?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|\\+".*?\\+"|[^\s"',;&<>)}\]\\]+)"""

_KEY_BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]*PRIVATE KEY[A-Z ]*)-----.*?(?:-----END \1-----|\Z)", re.S)
_HEADER = re.compile(r"(?i)\b((?:proxy-)?authorization|(?:set-)?cookie)(\\?[\"']?\s*[:=]\s*\\?[\"']?)[^\"'\r\n\\]+")
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}")
_ASSIGNED = re.compile(rf"(?i)(?<![\w.-])({_NAME})(\\?[\"']?\s*(?::=|=>|[:=])\s*)({_VALUE})")
_OPTION = re.compile(rf"(?i)(?<!\S)(--?{_NAME})(\s+)(?!-)({_VALUE})")
_ELEMENT = re.compile(rf"(?i)<({_NAME})>[^<]*</\1>")
_ADDRESS = re.compile(r"(?i)\b([a-z][a-z0-9+.-]{1,20}://[^\s/:@]*):[^\s/]*@")
_JWT = re.compile(r"\beyJ[\w-]{8,}\.[\w-]{4,}\.[\w-]*")
_FERNET = re.compile(r"\bgAAAAA[\w-]{40,}={0,2}")
_QUOTE = re.compile(r"""\\*["']""")
_AWS = re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b")


def masked(text: str) -> str:
    """The text with passwords, tokens and private keys replaced; everything else is kept as it was."""
    text = _KEY_BLOCK.sub(rf"-----BEGIN \1-----\n{MASK}\n-----END \1-----", text)
    text = _HEADER.sub(rf"\1\2{MASK}", text)
    text = _ADDRESS.sub(rf"\1:{MASK}@", text)
    text = _ELEMENT.sub(rf"<\1>{MASK}</\1>", text)
    text = _ASSIGNED.sub(_assigned, text)
    text = _OPTION.sub(rf"\1\2{MASK}", text)
    text = _BEARER.sub(rf"\1 {MASK}", text)
    for pattern in (_JWT, _FERNET, _AWS):
        text = pattern.sub(MASK, text)
    return text


def masked_json(text: str) -> str:
    """A JSON text with the secrets in its strings masked, so that it is JSON still; what is no JSON is masked as text."""
    try:
        data = json.loads(text)
        clean = _masked_data(data)
        return text if clean == data else json.dumps(clean)
    except (ValueError, RecursionError):
        return masked(text)


def _masked_data(data: Any) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(data, str):
        return masked(data)
    if isinstance(data, list):
        return [_masked_data(each) for each in data]
    if isinstance(data, dict):
        return {
            masked(name): MASK if isinstance(of, str) and _names_secret(name) else _masked_data(of) for name, of in data.items()
        }
    return data


@cache
def _names_secret(name: str) -> bool:
    return masked(f"{name}=x") != f"{name}=x"


def shown(source: str) -> str:
    """A path or an address as messages show it: on one line, without the password of an address."""
    return masked(source) if source and source.isprintable() else repr(source)


def _assigned(match: re.Match[str]) -> str:
    name, between, value = match.groups()
    quote = _QUOTE.match(value)
    mark = quote[0] if quote else ""
    return f"{name}{between}{mark}{MASK}{mark}"
