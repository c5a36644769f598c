# Copyright the carryall authors.  See LICENSE.
"""Which pytest each Python gets, and the tools of the house: all exact,
so that a run can be repeated.

To raise them: change a version, run ``admin/runtests --setup``;
a folder whose pins changed is made again.
"""

# The last pytest that runs on 2.7 and Jython.  pathlib2 newer than 2.3.5 wants `typing`,
# which Jython lacks.
PYTEST_2_7 = (
    'pytest==4.6.11', 'py==1.11.0', 'six==1.16.0', 'attrs==21.4.0', 'pluggy==0.13.1',
    'more-itertools==5.0.0', 'funcsigs==1.0.2', 'wcwidth==0.2.5',
    'backports.functools-lru-cache==1.6.6', 'configparser==4.0.2', 'contextlib2==0.6.0.post1',
    'importlib-metadata==2.1.3', 'zipp==1.2.0', 'packaging==20.9', 'pyparsing==2.4.7',
    'pathlib2==2.3.5', 'atomicwrites==1.4.0', 'enum34==1.1.10', 'ipaddress==1.0.23')

# (first version that takes them, pins); the last that fits counts.
PYTEST = (
    ((2, 7), PYTEST_2_7),
    ((3, 8), ('pytest==8.3.5', 'pluggy==1.5.0', 'iniconfig==2.1.0', 'packaging==26.2',
              'exceptiongroup==1.3.1', 'tomli==2.5.0', 'typing-extensions==4.13.2')),
    ((3, 9), ('pytest==8.4.2', 'pluggy==1.6.0', 'iniconfig==2.1.0', 'packaging==26.3',
              'exceptiongroup==1.3.1', 'tomli==2.5.0', 'typing-extensions==4.16.0',
              'pygments==2.21.0')),
    ((3, 10), ('pytest==9.2.0', 'pluggy==1.7.0', 'iniconfig==2.3.1', 'packaging==26.3',
               'exceptiongroup==1.3.1', 'tomli==2.5.0', 'typing-extensions==4.16.0',
               'pygments==2.21.0')),
    ((3, 11), ('pytest==9.2.0', 'pluggy==1.7.0', 'iniconfig==2.3.1', 'packaging==26.3',
               'pygments==2.21.0')))

# Exists as source only, and its build makes a C module that neither 2.7 nor Jython could load: the
# .py is taken out of it.
SOURCE_2_7 = ('scandir==1.10.0', 'scandir.py')

# What measures for --coverage, by the first version that takes it.
COVERAGE = (((2, 7), 'coverage==4.5.4'), ((3, 8), 'coverage==7.6.1'), ((3, 9), 'coverage==7.10.7'),
            ((3, 11), 'coverage==7.17.5'))

TOOLS = {
    'types': ('mypy==2.4.1',),
    'docs': ('pdoc==16.0.0', 'jinja2==3.1.6', 'markdown2==2.5.5', 'markupsafe==3.0.4',
             'pygments==2.21.0'),
    'house': ('nox==2026.10.20', 'tox==4.67.13', 'setuptools==84.2.1'),
}


def pytest_for(version):
    """(the pin set's name, the pins) for a (major, minor) version."""
    first, pins = [entry for entry in PYTEST if entry[0] <= version][-1]
    return 'pytest-%d.%d' % first, pins


def coverage_for(version):
    """The pin of coverage.py for a (major, minor) version."""
    return [pin for first, pin in COVERAGE if first <= version][-1]
