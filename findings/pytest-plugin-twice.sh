#!/bin/sh
# Copyright the carryall authors.  See LICENSE.
#
# What pytest makes of a plug-in that is named twice: by its entry point, and by its module with -p.
#
# One would guess:  `pytest -p MODULE` of a module that is loaded by its entry point too is no more
#                   than a repetition, as `-p NAME` with the name of the entry point is.
# What is:          an error that ends the run before any test: the module is registered by its own
#                   name first, and then once more by that of the entry point ("already registered
#                   under a different name").
# Why it matters:   a plug-in whose page tells checkouts to say `-p package.plugin` runs no test
#                   where the package is installed as well. An entry point with the name of the
#                   module is taken once, whichever way it is named.
# Seen with:        pytest 8.3.4, pluggy 1.5.0; Python 3.11.7.  2026-11-30.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
    --target "$folder/lib" pytest==8.3.4 pluggy==1.5.0 2>/dev/null
mkdir "$folder/lib/thing" "$folder/lib/thing-1.dist-info"
touch "$folder/lib/thing/__init__.py"
printf 'import pytest\n\n@pytest.fixture\ndef number():\n    return 7\n' \
    > "$folder/lib/thing/plugin.py"
printf 'Metadata-Version: 2.1\nName: thing\nVersion: 1\n' > "$folder/lib/thing-1.dist-info/METADATA"
printf 'def test_it(number):\n    assert number == 7\n' > "$folder/test_it.py"
cd "$folder"
# The name of the entry point, then the words for pytest; prints its outcome.
run() {
    printf '[pytest11]\n%s = thing.plugin\n' "$1" > lib/thing-1.dist-info/entry_points.txt
    shift
    PYTHONPATH=lib python3 -m pytest -q -p no:cacheprovider "$@" test_it.py 2>&1 \
        | grep -o '1 passed\|already registered under a different name' | head -n 1
}
python3 --version
PYTHONPATH=lib python3 -m pytest --version
status=0
expect() {                              # what is wanted, then as for run
    wanted=$1
    shift
    got=$(run "$@") || true
    echo "entry point '$1', pytest $2 $3: $got"
    [ "$got" = "$wanted" ] || status=1
}
expect '1 passed' short -p short
expect 'already registered under a different name' short -p thing.plugin
expect '1 passed' thing.plugin -p thing.plugin
exit $status
