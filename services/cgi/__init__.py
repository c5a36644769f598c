# Copyright the carryall authors.  See LICENSE.
"""Programs that the web server starts for a request: CGI."""
