"""The documentation: pages that are installed with xdl. `xdl docs` lists and prints them.

A page is a Markdown file here. Its first line is the title, and the paragraph below it says what the page holds, in
one sentence of one line. A notebook is a page too: its text, its code in fences, and what the code printed.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xdl.errors import SettingError, nearest

PAGES = (  # in the order in which a newcomer would read them
    "index",
    "quickstart",
    "first-network",
    "experiments",
    "rows",
    "commands",
    "data",
    "estimators",
    "as-torch",
    "why-derive",
    "saving-and-resuming",
    "settings",
    "differences-from-pytorch",
    "fast",
    "capture",
    "gpu",
    "benchmarks",
    "supported",
    "api",
    "contributing",
    "bibliography",
    "changelog",
)


@dataclass(frozen=True)
class Page:
    """name: as `xdl docs` takes it; title, summary: one line each; text: the whole page in Markdown."""

    name: str
    title: str
    summary: str
    text: str


def page(name: str) -> Page:
    """The page of that name. Raises SettingError, with the nearest name, if there is none."""
    if name not in PAGES:
        raise SettingError("xdl docs", "a page that xdl docs lists", repr(name), nearest(name, PAGES))
    file = Path(__file__).with_name(f"{name}.md")
    notebook = file.with_suffix(".ipynb")
    text = as_markdown(json.loads(notebook.read_bytes())) if notebook.exists() else file.read_text(encoding="utf-8")
    title, _, summary, *_ = text.splitlines()
    return Page(name, title.removeprefix("# "), summary, text)


def pages() -> tuple[Page, ...]:
    """All pages, in the order of PAGES."""
    return tuple(map(page, PAGES))


def rows() -> dict[str, str]:
    """{row of the checklist: what it is}, as the page "rows" has them."""
    return dict(re.findall(r"^\| (\d\.\d+) \| ([^|]+?) \|", page("rows").text, re.MULTILINE))


def as_markdown(notebook: dict[str, Any]) -> str:
    """The cells of a notebook (nbformat 4), one below the other."""
    parts = []
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        parts.append(source if cell["cell_type"] == "markdown" else f"```python\n{source}\n```")
        printed = "".join(line for output in cell.get("outputs", ()) for line in output.get("text", ()))
        if printed:
            parts.append(f"```text\n{printed.rstrip()}\n```")
    return "\n\n".join(parts) + "\n"
