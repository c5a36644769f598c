# Copyright the carryall authors.  See LICENSE.
"""Scripts in Python that the web server runs by their suffix: .epy, .rpy, .trp, .wsgi, .asgi."""
from __future__ import absolute_import, division, print_function
