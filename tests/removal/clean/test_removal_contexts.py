"""What templates are given by a name of its own, and came to be always the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from removal_cases import removal

GIVES = {
    "a dictionary": "    return render(request, 'a.html', {'is_new': flags.is_on('new-checkout'), 'x': 1})\n",
    "an item": "    context['is_new'] = flags.is_on('new-checkout')\n    return context\n",
    "a keyword": "    return render_template('a.html', is_new=flags.is_on('new-checkout'))\n",
    "through a variable": "    is_new = flags.is_on('new-checkout')\n    return {'is_new': is_new}\n",
}


@pytest.mark.parametrize("code", GIVES.values(), ids=GIVES)
def test_the_template_is_named(tmp_path: Path, code: str) -> None:
    page = "<p>{% if is_new %}a{% endif %}</p>\n"
    view = f"import flags\n\n\ndef page(request, context):\n{code}"
    found = removal(tmp_path, {"app/views.py": view, "app/templates/a.html": page, "app/b.md": "is_new\n"}, keep="off")
    assert [(each.location.path, each.location.column, each.name, each.value) for each in found.handed] == [
        ("app/templates/a.html", 10, "is_new", False)
    ]
    assert "app/templates/a.html" not in found.changes


NOT = {
    "it was the same before": "    return {'is_new': True, 'x': flags.is_on('new-checkout')}\n",
    "what else decides about it": "    return {'is_new': flags.is_on('new-checkout') and request.user}\n",
}


@pytest.mark.parametrize("code", NOT.values(), ids=NOT)
def test_it_is_not_named_where(tmp_path: Path, code: str) -> None:
    view = f"import flags\n\n\ndef page(request):\n{code}"
    assert not removal(tmp_path, {"app/views.py": view, "app/templates/a.html": "{{ is_new }}\n"}).handed
