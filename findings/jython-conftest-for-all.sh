#!/bin/sh
# Copyright the carryall authors.  See LICENSE.
#
# Which tests get the fixtures of a conftest.py in a folder, on Jython with pytest 4.6.
#
# One would guess:  the tests of that folder, in every run, as on CPython.
# What is:          in the first run, yes. From the second run on, when the conftest has been
#                   compiled, its fixtures belong to all tests. Two folders with fixtures of one
#                   name: the tests of one folder silently get the fixture of the other.
#                   pytest finds the folder by the module's __file__ and asks whether that begins
#                   with "conftest.py"; on Jython it is "conftest$py.class" then.
# Why it matters:   a suite that is green on a clean checkout fails when it is run again, or worse,
#                   tests something else and stays green. Fixtures need names of their own there.
# Seen with:        pytest 4.6.11, Debian's jython 2.7.3+repack1-1, OpenJDK 17.0.15.  2026-12-01.
# Needs:            jython, python3 with pip.
set -eu
unset PYTHONDONTWRITEBYTECODE || true
command -v jython > /dev/null || { echo 'install the Debian package jython first' >&2; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m pip install -q --no-deps --target lib pytest==4.6.11 py==1.11.0 six==1.16.0 \
    attrs==21.4.0 pluggy==0.13.1 more-itertools==5.0.0 funcsigs==1.0.2 wcwidth==0.2.5 \
    configparser==4.0.2 contextlib2==0.6.0.post1 importlib-metadata==2.1.3 zipp==1.2.0 \
    packaging==20.9 pyparsing==2.4.7 pathlib2==2.3.5 atomicwrites==1.4.0
rm -rf lib/*/__pycache__ lib/__pycache__
# pathlib2 asks for it, and uses it for listings alone, of which there are none here.
cat > lib/scandir.py <<PYTHON
import os


def scandir(path):
    raise OSError(path)


walk = os.walk
PYTHON
for name in one two; do
    mkdir -p tests/$name
    cat > tests/$name/conftest.py <<PYTHON
import pytest

@pytest.fixture
def where():
    return '$name'
PYTHON
    cat > tests/$name/test_$name.py <<PYTHON
def test_fixture(where):
    print('the fixture of $name is that of ' + where)
PYTHON
done
run() {
    JYTHONPATH=lib jython -m pytest -q -s -p no:cacheprovider tests 2>&1 | grep fixture |
        sed 's/^\.*//' | sort
}
first=$(run)
second=$(run)
echo "first run:"
echo "$first"
echo "second run:"
echo "$second"
test "$first" = "the fixture of one is that of one
the fixture of two is that of two" || exit 1
case "$second" in
    "$first") exit 1 ;;
    *"is that of"*) exit 0 ;;
    *) exit 1 ;;
esac
