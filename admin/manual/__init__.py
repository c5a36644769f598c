# Copyright the carryall authors.  See LICENSE.
"""Manual pages in mdoc(7), made of the option schemas.

mdoc    text and macros in mdoc's own spelling
page    the sections of a page
main    the command ``admin/manpages``
"""
