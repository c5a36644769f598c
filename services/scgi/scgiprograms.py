# Copyright the carryall authors.  See LICENSE.
"""Applications behind SCGI that answer for the files of a suffix (feature HTS-18).

    carryall web --path site --scgi .app=unix:/run/shop.sock
    carryall web --path site --scgi .app=tcp:4000

Tests:    tests/services/scgi/test_scgiprograms.py
"""
from __future__ import absolute_import, division, print_function

from carryall.protocols.scgi import connect
from carryall.services.cgi.suffixapplications import SuffixKind

__all__ = ['FOLDER', 'NAME', 'OPTIONS', 'check', 'describe', 'make', 'suffixes']

_KIND = SuffixKind('scgi', u'SCGI', connect)

NAME = 'SCGI'
FOLDER = None
OPTIONS = _KIND.options
suffixes = _KIND.suffixes
describe = _KIND.describe
make = _KIND.make


def check(options):
    # type: (OptionValues) -> None
    """Raises UsageError for options that contradict each other."""
    _KIND.check(options, options.programs)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from carryall.app.optionvalues import OptionValues
