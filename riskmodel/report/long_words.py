"""Words too long for a column: the page says where they may break, and a copy keeps them whole."""

from __future__ import annotations

import re

LONGEST = 20  # characters of a word that is left as it is
PIECE = 10
#: what is no text of the page's own flow, and every tag; text from data has no "<" or ">" in it
_APART = re.compile(r"(<(style|script|svg|title|math)\b.*?</\2>|<[^>]*>)", re.DOTALL)
_ONE = r"(?:&[#\w]+;|[^\s&])"
_WORD = re.compile(f"{_ONE}{{{LONGEST + 1},}}")
_PIECE = re.compile(f"{_ONE}{{{PIECE}}}(?=.)")


def breakable(page: str) -> str:
    """Return a page with ``<wbr>`` inside its long words; pictures and attributes stay as they are.

    Examples
    --------
    >>> breakable('<p title="abcdefghijklmnopqrstuvwxyz">abcdefghijklmnopqrstuvwxyz, and so on</p>')
    '<p title="abcdefghijklmnopqrstuvwxyz">abcdefghij<wbr>klmnopqrst<wbr>uvwxyz, and so on</p>'
    """
    parts, at = [], 0
    for apart in _APART.finditer(page):
        parts += [_WORD.sub(_broken, page[at:apart.start()]), apart[0]]
        at = apart.end()
    return "".join([*parts, _WORD.sub(_broken, page[at:])])


def _broken(word: re.Match[str]) -> str:
    return _PIECE.sub(lambda piece: f"{piece[0]}<wbr>", word[0])
