# Copyright the carryall authors.  See LICENSE.
"""git clones, fetches and pushes a repository of more than 50 MiB through its http-backend."""

from acceptance.cases import web_programs

PROVES = ['WEB-05']
NEEDS = ['git']
LONG = True

FILES = 110
FILE_BYTES = 500000


def run(stage):
    """By the steps of web-programs, with larger files."""
    web_programs.versions(stage, FILES, FILE_BYTES, '--max-body', 1 << 30)
