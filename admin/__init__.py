# Copyright the carryall authors.  See LICENSE.
"""The project's own commands: Python 3.8 or newer, nothing to install.

Not part of what is shipped.
"""
