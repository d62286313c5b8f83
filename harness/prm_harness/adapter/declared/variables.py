"""``${NAME}`` and ``${NAME:-default}`` in a file: from the connect string's options, else from the environment."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any, Final

from prm_harness.adapter.faults import ConnectError

from .errors import did_you_mean

_VARIABLE: Final = re.compile(r"\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^}]*))?\}")
_SECRET_KEYS: Final = frozenset({"password", "secret", "client_secret", "token", "refresh_token", "key"})


class Variables:
    """Fills the variables of one file, and remembers which values must never be written down.

    Args:
        file: what the file is called in messages.
        options: values from the connect string; they go before the environment.
    """

    def __init__(self, file: str, options: Mapping[str, str]) -> None:
        self._file = file
        self._options = options
        self._used: set[str] = set()
        self.secrets: set[str] = set()

    def filled(self, content: Any, where: str = "") -> Any:
        """The content with every variable replaced.

        Raises:
            ConnectError: a variable is set nowhere, or a secret stands in the file itself.
        """
        if isinstance(content, Mapping):
            return {key: self._member(str(key), value, where) for key, value in content.items()}
        if isinstance(content, list):
            return [self.filled(item, f"{where}[{n}]") for n, item in enumerate(content)]
        return self._text(content, where) if isinstance(content, str) else content

    def demand_all_options_used(self) -> None:
        """Refuse an option that the file has no variable for.

        Raises:
            ConnectError: there is one.
        """
        for name in self._options:
            if name not in self._used:
                raise ConnectError(
                    f"{self._file} has no variable {name!r}{did_you_mean(name, sorted(self._used))}"
                )

    def _member(self, key: str, value: Any, where: str) -> Any:
        place = f"{where}.{key}" if where else key
        filled = self.filled(value, place)
        if (
            (where == "auth" or where.startswith("auth.session.request"))
            and key in _SECRET_KEYS
            and isinstance(value, str)
        ):
            if "${" not in value:
                raise ConnectError(
                    f"{self._file}: {place}: a secret stands in the file; write ${{NAME}} and set NAME in the environment"
                )
            self.secrets.add(filled)
        return filled

    def _text(self, text: str, where: str) -> str:
        def value(match: re.Match[str]) -> str:
            name, default = match["name"], match["default"]
            self._used.add(name)
            found = self._options.get(name, os.environ.get(name, default))
            if found is None:
                raise ConnectError(
                    f"{self._file}: {where}: set {name} in the environment, or add {name}=… to the connect string's options"
                )
            if where.startswith(("auth", "headers")):
                self.secrets.add(found)
            return found

        return _VARIABLE.sub(value, text)
