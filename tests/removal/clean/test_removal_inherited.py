"""Methods that came to do nothing but to call the one that they override."""

from __future__ import annotations

from pathlib import Path

import pytest
from removal_cases import after

PAGE = "import flags\n\n\nclass Shop(Page):\n    x = 1\n\n"

GOES = {
    "all is handed on": (
        "    def get_table(self, request, *args, size, **kwargs):\n        if not flags.is_on('new-checkout'):\n            return None\n"
        "        return super().get_table(request, *args, size=size, **kwargs)\n"
    ),
    "by a variable": (
        "    def get_table(self, **kwargs):\n        '''The table.'''\n        table = super().get_table(**kwargs)\n"
        "        if not flags.is_on('new-checkout'):\n            table.exclude('trend')\n        return table\n"
    ),
    "awaited": (
        "    async def get_table(self):\n        if not flags.is_on('new-checkout'):\n            return None\n"
        "        return await super().get_table()\n"
    ),
    "set-up": "    def setUp(self):\n        super().setUp()\n        if not flags.is_on('new-checkout'):\n            old()\n",
}


@pytest.mark.parametrize("method", GOES.values(), ids=GOES)
def test_it_goes(tmp_path: Path, method: str) -> None:
    assert after(tmp_path, {"a.py": PAGE + method})["a.py"] == "class Shop(Page):\n    x = 1\n"


GUARD = "        if not flags.is_on('new-checkout'):\n            return None\n"

STAYS = {
    "something else is given": "    def get(self, a):\n{}        return super().get(a + 1)\n",
    "less is given": "    def get(self, a, b):\n{}        return super().get(a)\n",
    "in another order": "    def get(self, a, b):\n{}        return super().get(b, a)\n",
    "by another name": "    def get(self, *, a):\n{}        return super().get(b=a)\n",
    "it has a default of its own": "    def get(self, a=1):\n{}        return super().get(a)\n",
    "another method is called": "    def get(self):\n{}        return super().post()\n",
    "of another class": "    def get(self):\n{}        return super(Page, self).get()\n",
    "what it returns is left out": "    def get(self):\n{}        super().get()\n",
    "it is decorated": "    @login_required\n    def get(self):\n{}        return super().get()\n",
    "not awaited": "    async def get(self):\n{}        return super().get()\n",
}


@pytest.mark.parametrize("method", STAYS.values(), ids=STAYS)
def test_it_stays(tmp_path: Path, method: str) -> None:
    head = PAGE.removeprefix("import flags\n\n\n")
    assert after(tmp_path, {"a.py": PAGE + method.format(GUARD)})["a.py"] == head + method.format("")


def test_one_that_a_class_above_demands_stays(tmp_path: Path) -> None:
    base = (
        "from abc import abstractmethod\n\n\nclass Page:\n    @abstractmethod\n    def get(self):\n        return 1\n"
    )
    method = "    def get(self):\n{}        return super().get()\n"
    now = after(tmp_path, {"a.py": PAGE + method.format(GUARD), "b.py": base})
    assert now["a.py"].endswith(method.format(""))


def test_one_that_was_so_before_stays(tmp_path: Path) -> None:
    method = "    def get(self):\n        return super().get()\n\n    def post(self):\n        return flags.is_on('new-checkout')\n"
    now = after(tmp_path, {"a.py": PAGE + method})
    assert "def get(self)" in now["a.py"]
