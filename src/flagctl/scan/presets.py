"""SDK presets: one data file per SDK in `sdks/`, in the terms of a user's own configuration."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from flagctl.config import Config
from flagctl.config.conventions import Conventions
from flagctl.config.tables import read_conventions
from flagctl.config.toml import Document, Table
from flagctl.spelling import did_you_mean

_FOLDER = Path(__file__).parent / "sdks"


@cache
def preset(sdk: str) -> Conventions:
    """One preset by its id.

    Raises:
        InputError: the preset itself is wrong (an error of ours; the tests read them all).
    """
    document = Document.read(_FOLDER / f"{sdk}.toml")
    table = Table(document, document.data)
    table.text("package")
    conventions = read_conventions(table, sdk)
    table.finish()
    return conventions


def preset_ids() -> list[str]:
    """Every preset there is."""
    return sorted(file.stem for file in _FOLDER.glob("*.toml"))


def chosen_presets(config: Config) -> list[Conventions]:
    """The presets that a configuration names, or all of them.

    Raises:
        InputError: it names one that does not exist.
    """
    known = preset_ids()
    for sdk in config.sdks or ():
        if sdk not in known:
            raise config.error("sdks", f'unknown SDK "{sdk}"{did_you_mean(sdk, known)} (known: {", ".join(known)})')
    return [preset(sdk) for sdk in (known if config.sdks is None else config.sdks)]
