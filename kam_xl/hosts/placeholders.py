"""Secrets out of the environment or the system's own keyring: an address names them, ``{env:NAME}``, and never holds them."""

from __future__ import annotations

import os
import re
from urllib.parse import quote

PLACEHOLDER = re.compile(r"\{(env|keyring):([^{}]+)\}")


class NoSecretError(Exception):
    """A secret that is not to be had: why, ``no_variable``, ``no_entry`` or ``no_keyring``, and what it is called."""

    def __init__(self, reason: str, name: str) -> None:
        super().__init__(reason)
        self.reason, self.name = reason, name


def filled(address: str) -> str:
    """The address with its secrets; in a URL their special characters are escaped, a whole address is as it is."""
    whole = PLACEHOLDER.fullmatch(address)
    if whole:
        return _secret(*whole.groups())
    return PLACEHOLDER.sub(lambda found: quote(_secret(*found.groups()), safe=""), address)


def _secret(kind: str, name: str) -> str:
    if kind == "env":
        if not os.environ.get(name):
            raise NoSecretError("no_variable", name)
        return os.environ[name]
    import keyring  # looks for the machine's keyrings when it is imported
    from keyring.errors import KeyringError

    service, _, user = name.rpartition("/")
    try:
        secret = keyring.get_password(service, user)
    except KeyringError as error:
        raise NoSecretError("no_keyring", name) from error
    if not secret:
        raise NoSecretError("no_entry", name)
    return secret
