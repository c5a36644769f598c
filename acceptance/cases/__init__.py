# Copyright the carryall authors.  See LICENSE.
"""The cases.  Each module has a docstring whose first line says what is shown, and

    PROVES         the rows of the feature table
    NEEDS          the foreign programs
    LONG           (optional) whether ``--quick`` leaves it out
    EACH_RUNTIME   (optional) False for a case that goes through the runtimes itself
    run(stage)     raises what ``acceptance.stage`` has for a failure
"""
