# Copyright the carryall authors.  See LICENSE.
"""``admin/apidocs``: the API reference, made of the docstrings by pdoc; a warning is a failure.

Left out are modules that only a JVM can import, and those that start a program when they are
imported.
"""
import argparse
import os
import subprocess
import sys

from admin.checks.tree import Tree, linked
from admin.suite import ROOT, Trouble, setup

FOLDER = os.path.join(ROOT, 'build', 'api')
LEFT_OUT = ('carryall.runtimes.jvm', 'carryall.__main__')
RUN_SECONDS = 900.0


def main(argv=None):
    """Runs the command; its exit status."""
    parser = argparse.ArgumentParser(prog='admin/apidocs',
                                     description='Make the API reference with pdoc.')
    parser.add_argument('modules', nargs='*', default=['carryall'], metavar='MODULE',
                        help='only these (default: all)')
    parser.add_argument('--setup', action='store_true',
                        help='first install pdoc into build/test-env')
    parser.add_argument('--output', default=FOLDER, metavar='FOLDER',
                        help='where it is written (default: build/api)')
    given = parser.parse_args(argv)
    try:
        faults = make(given.modules, given.output, given.setup)
    except Trouble as trouble:
        print('admin/apidocs: %s' % trouble, file=sys.stderr)
        return 1
    for fault in faults:
        print(fault, file=sys.stderr)
    if not faults:
        print('the API reference is in %s' % os.path.relpath(given.output))
    return 1 if faults else 0


def make(modules, folder, install=False):
    """Writes the reference; the lines that pdoc and Python have against the docstrings."""
    if install:
        setup.install_tools('docs', print)
    tools = setup.tools('docs')
    if not tools:
        raise Trouble('pdoc is not there yet; use: admin/apidocs --setup')
    with setup.alone('api-farm'):       # another run takes the links away under this one
        # In a checkout the package would contain itself.
        farm = linked(Tree(ROOT), 'build/api-farm')
        command = [sys.executable, '-W', 'default', '-m', 'pdoc', '--no-show-source']
        command += ['--output-directory', folder] + list(modules)
        command += ['!' + name for name in LEFT_OUT]
        environment = dict(os.environ, PYTHONPATH=os.pathsep.join((farm, tools)))
        done = subprocess.run(command, cwd=farm, env=environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=RUN_SECONDS, check=False)
    said = [line for line in done.stdout.decode('utf-8', 'replace').splitlines() if line.strip()]
    if done.returncode and not said:
        said.append('pdoc ended with status %d' % done.returncode)
    return said
