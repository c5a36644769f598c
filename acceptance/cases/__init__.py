# Copyright the carryall authors.  See LICENSE.
"""The cases.  Each module has a docstring whose first line says what is shown, and

    PROVES         the rows of the feature table
    NEEDS          the foreign programs: a missing one is a printed skip,
                   and a failure under --require-all
    PACKAGES       (optional) program -> Debian package, or a tuple of it and of those that it needs
                   for this case, for those of NEEDS that the runner's table has not
    PYTHON         (optional) packages from the index that --setup installs: ('twisted',), see
                   acceptance/twistedpeer.py; or those of acceptance/foreign.py
    TAKES          (optional) programs that --setup installs as those of NEEDS, but without which
                   the case does what it can
    UNPACKED       (optional) program -> (Debian packages, the libraries that they need): where the
                   program is not installed, --setup unpacks the packages into build/foreign/PROGRAM
                   and installs the libraries
    PORTS          (optional) the fixed ports that it listens on, or whatever else there is but one
                   of: no other that has one of them runs at the same time
    LONG           (optional) whether ``--quick`` leaves it out: it takes long, or what it needs
                   takes long to install
    EACH_RUNTIME   (optional) False for a case that goes through the sides (stage.others) itself
    AS_OF_OLD      (optional) the name of the step of acceptance/steps.py that it replaces:
                   staticWebTest, runMailTest ...  Such a case has ``show`` too
    run(stage)     raises what ``acceptance.stage`` has for a failure
    show(stage)    (optional) for -i: start what a person should look at, return the text that says
                   what there is to see

The contract: a case starts ours with ``stage.start('carryall', ...)``,
``stage.call('mktap', ...)``, ``stage.script(path)`` and ``stage.peer(name)`` alone, works in
``stage.folder``, and listens on port 0 or ``stage.free_port()`` of 127.0.0.1.  It waits with
``wait_for``, ``until`` and ``address()``, and never sleeps.  ``stage.runtime`` is a side: an
artifact on a runtime (``acceptance.artifacts``).  A case does not ask which artifact it is;
``stage.runtime.kind`` tells which Python runs it, for limits that differ.  Then the same case holds
for the source, the wheel, the frozen programs, the jar and the package.
"""
