# Copyright the carryall authors.  See LICENSE.
"""An application behind another web server, by uwsgi."""
