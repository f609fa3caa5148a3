"""The AWS CLI without its start-up: a line of JSON with arguments asks, a line of JSON with what was printed answers.

Loading the program takes half a second, its work for one request a tenth of that.  So it is loaded once, as /usr/bin/aws
does, and every request gets a fork of that process, in which the program's own main() runs from the beginning.
"""
import json
import os
import sys
import tempfile

import awscli.clidriver
import awscli.customizations.commands  # noqa: F401 (loaded with the first command otherwise)


def run(arguments):
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        child = os.fork()
        if child == 0:
            os.dup2(output.fileno(), 1)
            os.dup2(errors.fileno(), 2)
            sys.argv = ["aws", *arguments]
            status = awscli.clidriver.main()
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        return [status, *(file.seek(0) or file.read() for file in (output, errors))]


for line in sys.stdin:
    print(json.dumps(run(json.loads(line))), flush=True)
