# Copyright the carryall authors.  See LICENSE.
"""``admin/new-protocol``: write the skeleton of a protocol, which works from its first run."""
import argparse
import os
import re
import sys

from admin.catalogue import main as catalogue
from admin.suite import ROOT

NAME = re.compile(r'[a-z][a-z0-9]{0,15}\Z')
TEMPLATES = os.path.join(ROOT, 'admin', 'skeleton')
PACKAGE = '# Copyright the carryall authors.  See LICENSE.\n'

# Template, and the file that is made of it.
FILES = (
    ('protocols/__init__.py', 'protocols/@name@/__init__.py'),
    ('protocols/errors.py', 'protocols/@name@/errors.py'),
    ('protocols/settings.py', 'protocols/@name@/settings.py'),
    ('protocols/wire.py', 'protocols/@name@/wire.py'),
    ('protocols/server.py', 'protocols/@name@/server.py'),
    ('protocols/client.py', 'protocols/@name@/client.py'),
    ('protocols/manifest.py', 'protocols/@name@/manifest.py'),
    ('services/__init__.py', 'services/@name@/__init__.py'),
    ('services/service.py', 'services/@name@/service.py'),
    ('commands/client.py', 'commands/@name@client.py'),
    ('tests/protocol.py', 'tests/protocols/@name@/test_@name@.py'),
    ('tests/service.py', 'tests/services/@name@/test_@name@service.py'),
    ('tests/command.py', 'tests/commands/test_@name@client.py'),
    ('tests/fuzz.py', 'tests/fuzz/@name@_targets.py'),
    ('doc/server.py', 'doc/examples/@name@_server.py'),
    ('doc/client.py', 'doc/examples/@name@_client.py'),
    ('doc/page.md', 'doc/conformance/@name@.md'),
    ('acceptance/serve.py', 'acceptance/cases/@name@_serve.py'),
)
PACKAGES = ('tests/protocols/@name@/__init__.py', 'tests/services/@name@/__init__.py')


def main(argv=None):
    """Runs the command; its exit status."""
    parser = argparse.ArgumentParser(prog='admin/new-protocol', description=(
        'Write the skeleton of a protocol: package, service, command, tests, example, fuzz '
        'targets, acceptance case, conformance page and manifest; then the catalogue.'))
    parser.add_argument('name', metavar='NAME', help='a word of lower-case letters and digits')
    parser.add_argument('--number', type=int, default=0, metavar='RFC', help='number of the RFC')
    parser.add_argument('--port', type=int, default=7000, metavar='N',
                        help='port that it listens on (default: 7000)')
    given = parser.parse_args(argv)
    if not NAME.match(given.name):
        parser.error('%s is not a word of lower-case letters and digits' % given.name)
    values = {'@name@': given.name, '@Name@': given.name.capitalize(),
              '@rfc@': str(given.number), '@port@': str(given.port)}
    wanted = [filled(target, values) for _, target in FILES] + [
        filled(target, values) for target in PACKAGES]
    taken = [path for path in wanted if os.path.exists(os.path.join(ROOT, *path.split('/')))]
    if taken:
        print('admin/new-protocol: %s exists' % taken[0], file=sys.stderr)
        return 2
    for template, target in FILES:
        path = os.path.join(TEMPLATES, *(template + '.txt').split('/'))
        with open(path, encoding='utf-8') as file:
            write(filled(target, values), filled(file.read(), values))
    for target in PACKAGES:
        write(filled(target, values), PACKAGE)
    return catalogue.main([])


def filled(text, values):
    """The text with the values in the places that are marked."""
    for mark, value in values.items():
        text = text.replace(mark, value)
    return text


def write(path, text):
    """Writes a file of the checkout, with its folders."""
    full = os.path.join(ROOT, *path.split('/'))
    os.makedirs(os.path.dirname(full), exist_ok=True)
    with open(full, 'w', encoding='utf-8', newline='\n') as file:
        file.write(text)
    print('wrote %s' % path)
