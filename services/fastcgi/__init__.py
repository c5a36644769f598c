# Copyright the carryall authors.  See LICENSE.
"""FastCGI: PHP and other programs behind the web server, and an application behind another."""
