# Copyright the carryall authors.  See LICENSE.
"""Side-by-side measurements of carryall against named peers; run by ``admin/bench``."""
