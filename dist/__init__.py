# Copyright the carryall authors.  See LICENSE.
"""Recipes for the artifacts.

``admin/freeze`` runs them, and doc/artifacts.md says what each is good for.

archives   zip, tar and ar files that are the same bytes each time
tools      the private Python that builds, programs that are run, the date that everything gets
source     the tree that is built from, and the source distribution
wheel      the wheel; all that follows is made of its contents
pypy       carryall.pyz, one file for PyPy and CPython
jar        carryall.jar, Jython included; the class data archive and the launcher beside it
binary     PyInstaller: one file, one folder, small servers (carryall.spec is its recipe)
image      a Java runtime with the jar, for machines that have no Java
deb        the Debian package
measure    size and start-to-listening time of each
main       the command
"""
import os

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
WORK = os.path.join(ROOT, 'build', 'freeze')            # what is made on the way
OUT = os.path.join(ROOT, 'build', 'artifacts')          # what is made


class Trouble(Exception):
    """The reason why an artifact cannot be made, as one sentence."""
