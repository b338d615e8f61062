"""README.md and the pages as data: their code blocks, and the words that they put in code."""

import re
from dataclasses import dataclass

from tests.house.source import ROOT
from xdl.docs import PAGES, page

README = ROOT / "README.md"
BLOCK = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block. language: its first word; what: the rest of the line, which says what is special about it."""

    language: str
    what: str
    text: str


def blocks(text):
    """The fenced blocks of a text in Markdown."""
    return [Block(language, what.strip(), body) for language, what, body in BLOCK.findall(text)]


def program(text, what=""):
    """Its python blocks with nothing (or just that) behind the language, as one program."""
    return "\n".join(b.text for b in blocks(text) if (b.language, b.what) == ("python", what))


TEXTS = {"README": README.read_text(encoding="utf-8")} | {name: page(name).text for name in PAGES}
EVERYTHING = "\n".join(TEXTS.values())
