"""Characters that steer where a text is shown, and show nothing: one list for all that shows."""

from __future__ import annotations

import re

#: control characters, line and paragraph separators, halves of characters, and the marks that
#: turn the direction of a text or hide in it (joiners stay: some scripts need them)
UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e"
                    "\u2060-\u2064\u2066-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb"
                    "\U000e0000-\U000e007f]")
