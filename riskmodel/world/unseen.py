"""Characters that steer where a text is shown, and show nothing: one list for all that shows."""

from __future__ import annotations

import re

#: control characters, line and paragraph separators, halves of characters, and the marks that
#: turn the direction of a text or hide in it
UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060"
                    "\u2066-\u2069\ud800-\udfff\ufeff]")
