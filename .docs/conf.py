"""Settings of the documentation site; ``build.py`` says how it is built."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from riskmodel import __version__

project = "riskmodel"
author = "The riskmodel developers"
copyright = "2026, the riskmodel developers; BSD-3-Clause"
release = version = __version__

extensions = ["sphinx.ext.autodoc", "myst_nb", "making.docstrings", "making.mathml",
              "making.accessible"]
nb_execution_mode = "off"  # the notebooks are executed by a test, and lie executed
nb_render_markdown_format = "myst"
myst_enable_extensions = ["dollarmath", "deflist", "attrs_block", "attrs_inline"]
myst_dmath_allow_digits = False  # "$50bn" is money
myst_dmath_allow_space = False
myst_heading_anchors = 3
suppress_warnings = ["mystnb.unknown_mime_type"]

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
add_module_names = False
python_use_unqualified_type_names = True
maximum_signature_line_length = 88

html_theme = "furo"
html_title = f"riskmodel {version}"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_search_summary = False  # summaries are fetched, which a page opened as a file cannot do
html_theme_options = {"navigation_with_keys": False}
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"
