"""Definitions: YAML files to flags, with line and column for every field."""

from __future__ import annotations

from flagctl.definitions.files import definition_files
from flagctl.definitions.load import Definitions, load_definitions, read_definitions, read_more

__all__ = ["Definitions", "definition_files", "load_definitions", "read_definitions", "read_more"]
