"""Secrets in texts, masked before the texts are shown or attached."""

import re

MASK = "******"
_WORD = r"(?:pass(?:word|wd|phrase)?|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|psk|credential)"
# The word may be a part of a longer name (admin_password, OS_PASSWORD, authToken, X-Auth-Token), but not "tokens" or "passed".
_NAME = rf"[\w.-]{{0,60}}?{_WORD}(?:[_-](?:id|key|hash|data|file))?"
_VALUE = r"""(?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|[^\s"',;&<>)}\]]+)"""

_KEY_BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]*PRIVATE KEY[A-Z ]*)-----.*?(?:-----END \1-----|\Z)", re.S)
_HEADER = re.compile(r"(?i)\b((?:proxy-)?authorization|(?:set-)?cookie)(\\?[\"']?\s*[:=]\s*\\?[\"']?)[^\"'\r\n\\]+")
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}")
_ASSIGNED = re.compile(rf"(?i)(?<![\w.-])({_NAME})(\\?[\"']?\s*(?::=|=>|[:=])\s*)(\\?)({_VALUE})")
_OPTION = re.compile(rf"(?i)(?<!\S)(--?{_NAME})(\s+)(?!-)({_VALUE})")
_ELEMENT = re.compile(rf"(?i)<({_NAME})>[^<]*</\1>")
_ADDRESS = re.compile(r"(?i)\b([a-z][a-z0-9+.-]{1,20}://[^\s/:@]*):[^\s/]*@")
_JWT = re.compile(r"\beyJ[\w-]{8,}\.[\w-]{4,}\.[\w-]*")
_FERNET = re.compile(r"\bgAAAAA[\w-]{40,}={0,2}")
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


def _assigned(match: re.Match[str]) -> str:
    name, between, escape, value = match.groups()
    quote = value[0] if value[0] in "\"'" else ""
    end = escape if quote else ""
    return f"{name}{between}{escape}{quote}{MASK}{end if value[:-1].endswith(chr(92)) else ''}{quote}"
